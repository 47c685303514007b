// The desk with script: one tap saves, and the figures follow other desks.
// A tap has a key of its own, so two taps count twice; trying again uses the same key and counts once.
// The server says what is true; here is only what a person types, what they saw, and what was lost.

const desk = document.getElementById("desk");
const said = document.getElementById("said");
const lost = document.getElementById("lost");
const behind = document.getElementById("behind");
document.documentElement.classList.add("script");

let sent = 0; // reports sent; a fragment asked for before one of them is out of date
let held = false; // a finger is down: nothing may change under it
let clock = "";

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const input = (group) => group.querySelector(".number input:not([type=hidden])");
const typing = (field) => field.value !== field.dataset.seen;

function say(text, good) {
  said.textContent = text;
  said.dataset.good = good ? "yes" : "no";
}

// Brings the forms up to what the figures say, except where somebody types. "Still right" carries
// the figure that is shown, not a newer one that nobody saw.
function sync() {
  if (held) return;
  for (const group of desk.querySelectorAll(".group")) {
    const { open, undoes, full } = group.querySelector(".seen").dataset;
    const field = input(group);
    const idle = !typing(field) && document.activeElement !== field;
    if (idle || field.value === open) field.value = field.dataset.seen = open;
    group.classList.toggle("typing", typing(field));
    const shown = field.dataset.seen;
    fill(group.querySelector(".still"), "value", shown, shown !== "");
    fill(group.querySelector(".undo"), "undoes", undoes, undoes !== "");
    group.querySelector(".full .button").hidden = full === "yes";
    group.querySelector(".again").hidden = full !== "yes";
    const all = desk.querySelector(`.all [name="seen.${CSS.escape(group.dataset.group)}"]`);
    all.value = shown;
    all.disabled = shown === "";
  }
  const any = desk.querySelector(".all [name^='seen.']:not([disabled])");
  desk.querySelector(".all .button").hidden = !any;
}

function fill(form, name, value, shown) {
  form.elements[name].value = value;
  form.querySelector(".button").hidden = !shown;
}

// Sending

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement;
  sent += 1;
  say(said.dataset.saving, true);
  if (form.dataset.first) {
    const ago = Math.max(performance.now() - form.dataset.first, Date.now() - form.dataset.wall);
    ctx.request.body.set("waited", Math.round(ago / 1000));
  } else {
    ctx.request.body.set("key", newKey());
    ctx.name = nameOf(form, ctx.request.submitter, ctx.request.body.get("value"));
    ctx.first = [performance.now(), Date.now()];
  }
});

function nameOf(form, button, value) {
  const field = form.querySelector("input[aria-label]");
  const name = (field ?? button)?.getAttribute("aria-label") ?? button?.textContent ?? "";
  return field ? `${name} ${value}` : name;
}

// Nobody knows whether it was kept: offer to send the same again, with the same key.
function lose(ctx) {
  say("", false);
  if (ctx.sourceElement.dataset.first) return;
  const form = document.getElementById("lost-form").content.firstElementChild.cloneNode(true);
  form.action = ctx.request.action;
  form.setAttribute("hx-post", ctx.request.action);
  [form.dataset.first, form.dataset.wall] = ctx.first;
  for (const [name, value] of ctx.request.body) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  form.querySelector("button").append(` · ${ctx.name}`);
  lost.append(form);
  htmx.process(form);
}

document.addEventListener("htmx:error", ({ detail: { ctx } }) => ctx?.request?.body && lose(ctx));
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status < 500) return;
  event.preventDefault();
  lose(event.detail.ctx);
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!ctx.response) return;
  const good = ctx.response.status < 400;
  said.dataset.good = good ? "yes" : "no";
  const field = good && ctx.request.form?.matches(".number") && input(ctx.request.form.closest(".group"));
  if (field && field.value === ctx.request.body.get("value")) field.dataset.seen = field.value;
  if (ctx.sourceElement.dataset.first) ctx.sourceElement.remove();
  sync();
  if (!good) (ctx.sourceElement.closest(".group") ?? desk).querySelector(".talk .alert")?.scrollIntoView({ block: "center" });
});

// Whoever taps twice out of habit means one report: a second one would leave nothing to undo.
desk.addEventListener("click", (event) => event.detail > 1 && !event.target.closest(".step") && event.preventDefault());

// Typing

desk.addEventListener("input", (event) => event.target.closest(".group")?.classList.toggle("typing", typing(event.target)));
desk.addEventListener("keydown", (event) => event.key === "Escape" && event.target.matches(".number input") && putBack(event.target));
desk.addEventListener("click", (event) => event.target.matches(".back") && putBack(input(event.target.closest(".group"))));
function putBack(field) {
  field.value = field.dataset.seen;
  field.closest(".group").classList.remove("typing");
}
desk.addEventListener("focusin", (event) => event.target.matches(".number input") && event.target.select());

// What another desk said may move a figure, but never while a finger is on its way to confirm it.
const release = () => setTimeout(() => { held = false; sync(); }, 400);
desk.addEventListener("pointerdown", () => (held = true));
document.addEventListener("pointerup", release);
document.addEventListener("pointercancel", release);
desk.addEventListener("focusout", () => setTimeout(sync, 400));

// Following

let asking = false;
async function refresh() {
  if (asking) return;
  asking = true;
  const before = sent;
  try {
    const answer = await fetch(desk.dataset.figures, { headers: { "HX-Request": "true" } });
    if (answer.status === 401 && document.getElementById("hand")) return location.reload(); // a device no more
    if (answer.status === 401) return tell(behind.dataset.signedOut);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (before === sent) page.querySelectorAll("hx-partial").forEach(place);
    tell("");
    sync();
  } catch {
    tell(behind.dataset.text.replace("{}", clock));
  } finally {
    asking = false;
    if (before !== sent) setTimeout(refresh, 500);
  }
}

function place(part) {
  const target = document.querySelector(part.getAttribute("hx-target"));
  if (target.outerHTML === part.innerHTML.trim()) return;
  const buttons = target.querySelector("form") !== null;
  if (buttons && held) return; // no button moves under a finger; the next look brings it
  const focused = target.contains(document.activeElement) && document.activeElement.id;
  target.replaceWith(...part.childNodes);
  const placed = document.querySelector(part.getAttribute("hx-target"));
  if (placed.querySelector("form")) htmx.process(placed);
  if (focused) document.getElementById(focused)?.focus();
}

function tell(text) {
  if (!text) clock = document.getElementById("question").dataset.clock;
  if (behind.textContent !== text) behind.textContent = text;
  behind.hidden = !text;
}

let news;
function follow() {
  news?.close();
  news = new EventSource(desk.dataset.live);
  news.addEventListener("figures", refresh);
  news.onerror = () => {
    refresh(); // it may have ended because somebody may do less here now
    if (news.readyState === EventSource.CLOSED) setTimeout(follow, 10000 + Math.random() * 10000);
  };
}

clock = document.getElementById("question").dataset.clock;
sync();
follow();
setInterval(() => document.hidden || refresh(), 30000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.addEventListener("desk:refresh", refresh);
addEventListener("online", refresh);
document.addEventListener("desk:person", () => { follow(); refresh(); }); // whoever is there now is whom the stream follows
addEventListener("pageshow", (event) => event.persisted && location.reload());
