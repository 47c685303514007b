// The desk with script: the figures follow other desks, and nothing moves under a finger.
// The server says what is true; here is only what a person types, and what they saw.

const desk = document.getElementById("desk");
const said = document.getElementById("said");
const behind = document.getElementById("behind");
const root = document.documentElement;
root.classList.add("script");

let answers = 0; // reports answered; a fragment asked for before one of them is out of date
let held = false; // a finger is down: nothing may change under it
let clock = "";

const input = (group) => group.querySelector(".number input:not([type=hidden])");
const typing = (field) => field.value !== field.dataset.seen;

function say(text, good) {
  if (said.textContent !== text) said.textContent = text;
  said.dataset.good = good ? "yes" : "no";
}

// Brings the forms up to what the figures say, except where somebody types: there the news waits
// beside the field. "Still right" carries the figure that is shown, not a newer one that nobody
// saw. One's own answer (`own`, a bed group) is no news: it is taken at once.
function sync(own) {
  for (const group of desk.querySelectorAll(".group")) {
    if (!held || group.dataset.group === own) follow(group);
  }
  const any = desk.querySelector(".all [name^='seen.']:not([disabled])");
  const all = desk.querySelector(".all .button");
  if (all) all.hidden = !any;
}

function follow(group) {
  const { open, undoes, full } = group.querySelector(".seen").dataset;
  const field = input(group), here = document.activeElement === field;
  const idle = !typing(field) && (!here || open === ""); // a dead number stays nowhere
  if (idle || field.value === open) {
    field.value = field.dataset.seen = open;
    if (here && idle) field.select();
  }
  const shown = field.dataset.seen;
  group.classList.toggle("typing", typing(field));
  news(group, shown, open);
  field.form.elements.seen.value = shown;
  fill(group.querySelector(".still"), "value", shown, shown !== "");
  fill(group.querySelector(".undo"), "undoes", undoes, undoes !== "");
  group.querySelector(".full .button").hidden = full === "yes";
  group.querySelector(".again").hidden = full !== "yes";
  const all = desk.querySelector(`.all [name="seen.${CSS.escape(group.dataset.group)}"]`);
  all.value = shown;
  all.disabled = shown === "";
}

function fill(form, name, value, shown) {
  form.elements[name].value = value;
  form.querySelector(".button").hidden = !shown;
}

function news(group, shown, open) {
  const line = group.querySelector(".news"), told = group.querySelector(".seen").dataset.told;
  line.hidden = shown === open || !open;
  if (line.hidden) return;
  line.querySelector("span").textContent = told;
  line.querySelector("button").textContent = line.dataset.take.replace("{}", open);
}

// One's own report was answered: what it made of the figure was seen, even by who types already.
desk.addEventListener("desk:answered", ({ detail: { item, good, straight } }) => {
  answers += 1;
  const group = desk.querySelector(`.group[data-group="${CSS.escape(item.group)}"]`);
  const field = group && input(group), open = group?.querySelector(".seen").dataset.open;
  hear();
  if (good && field) {
    const adds = item.kind === "adjust" && Number(field.dataset.seen) + Number(item.value) === Number(open);
    if (!typing(field) || (item.kind === "change" && field.value === item.value)) field.value = field.dataset.seen = open;
    else if (adds) field.dataset.seen = open;
  }
  sync(item.group);
  if (!good && straight) (group ?? desk).querySelector(".talk .alert")?.scrollIntoView({ block: "center" });
});

// A number that now waits on this device leaves the field: the figure shown is what the server said.
desk.addEventListener("desk:waits", ({ detail: { item } }) => {
  const group = desk.querySelector(`.group[data-group="${CSS.escape(item.group)}"]`), field = group && input(group);
  if (field && item.kind === "change" && field.value === item.value) putBack(field);
});

// Whoever taps twice out of habit means one report: a second one would leave nothing to undo.
desk.addEventListener("click", (event) => event.detail > 1 && !event.target.closest(".step") && event.preventDefault());

// Typing

desk.addEventListener("input", (event) => event.target.closest(".group")?.classList.toggle("typing", typing(event.target)));
desk.addEventListener("keydown", (event) => event.key === "Escape" && event.target.matches(".number input") && putBack(event.target));
desk.addEventListener("click", (event) => {
  const group = event.target.closest(".group");
  if (event.target.matches(".back")) putBack(input(group));
  if (event.target.matches(".news button")) {
    const field = input(group);
    field.value = field.dataset.seen = group.querySelector(".seen").dataset.open;
    field.focus();
    follow(group);
  }
});
function putBack(field) {
  field.value = field.dataset.seen;
  field.closest(".group").classList.remove("typing");
  sync();
}
desk.addEventListener("focusin", (event) => event.target.matches(".number input") && event.target.select());

// What another desk said may move a figure, but never while a finger is on its way to confirm it.
const release = () => setTimeout(() => { held = false; sync(); }, 400);
desk.addEventListener("pointerdown", () => (held = true));
document.addEventListener("pointerup", release);
document.addEventListener("pointercancel", release);
desk.addEventListener("focusout", () => setTimeout(sync, 400));

// Following

const PATIENCE = 10000; // ms
let asking = false, more = false; // more: there was news while we asked
async function refresh() {
  more = asking;
  if (asking) return;
  asking = true;
  const before = answers;
  try {
    const answer = await fetch(desk.dataset.figures, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 401 && document.getElementById("hand")) return location.reload(); // a device no more
    if (answer.status === 401) return tell(behind.dataset.signedOut);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const kept = answer.headers.has("Desk-Kept"); // by desk-worker.js: only a page that it kept too is older
    const old = kept && root.dataset.page !== "kept" || moment(page) < moment(document);
    if (before === answers && !old) page.querySelectorAll("hx-partial").forEach(place);
    sync();
    if (kept) throw new Error("there is no connection");
    if (whoIsHere() !== keptFor) forget();
    hear();
    tell("");
    dispatchEvent(new Event("desk:heard"));
  } catch {
    clock = document.getElementById("question").dataset.clock;
    tell(behind.dataset.text.replace("{}", clock));
  } finally {
    asking = false;
    if (more || before !== answers) setTimeout(refresh, 200);
  }
}

function place(part) {
  const target = document.querySelector(part.getAttribute("hx-target"));
  if (!target || target.outerHTML === part.innerHTML.trim()) return;
  if (target.id === "disputes" && target.textContent.trim() === part.textContent.trim()) return; // it is said aloud once
  const buttons = target.querySelector("form") !== null;
  if (buttons && held) return; // no button moves under a finger; the next look brings it
  if (target.id === "person" && target.querySelector("[role=alert]") && who(target) === who(part.firstElementChild)) return; // why they must tap stays
  const focused = target.contains(document.activeElement) && document.activeElement.id;
  const opened = target.querySelector("details[open]") !== null;
  target.replaceWith(...part.childNodes);
  const placed = document.querySelector(part.getAttribute("hx-target"));
  if (opened) placed.querySelector("details")?.setAttribute("open", ""); // the names stay where they are being looked for
  if (placed.querySelector("form")) htmx.process(placed);
  if (focused) document.getElementById(focused)?.focus();
}

// Who is at the desk, and how much of it they see. What the worker keeps was for the one before.
const who = ({ dataset: { person, level } }) => `${person} ${level}`;
const whoIsHere = () => who(document.getElementById("person"));
let keptFor = whoIsHere();
function forget() {
  keptFor = whoIsHere();
  navigator.serviceWorker?.controller?.postMessage("another person");
}

const moment = (page) => Number(page.getElementById("question").dataset.now);

// The server's time, for reports that will wait; and the same for a page that opens without a connection.
function hear() {
  unsent.hear(moment(document), (known) => {
    try { localStorage.setItem("desk-heard", JSON.stringify(known)); } catch { /* it keeps nothing: the page still does */ }
  });
}

// While the page can't follow, no age and no dot of it is true any more: desk.css takes them away.
function tell(text) {
  root.dataset.page = text ? "behind" : "live";
  if (behind.textContent !== text) behind.textContent = text;
  behind.hidden = !text;
}

let stream;
function listen() {
  stream?.close();
  stream = new EventSource(desk.dataset.live);
  stream.addEventListener("open", refresh); // what ended before it was open is in no message
  stream.addEventListener("figures", refresh);
  stream.onerror = () => {
    refresh(); // it may have ended because somebody may do less here now
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 10000 + Math.random() * 10000);
  };
}

if (root.dataset.page === "kept") {
  try { unsent.recall(JSON.parse(localStorage.getItem("desk-heard"))); } catch { /* it kept nothing */ }
  refresh();
} else hear();
sync();
listen();
setInterval(() => document.hidden || refresh(), 30000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
document.addEventListener("resume", refresh); // of a page that was frozen
addEventListener("online", refresh);
addEventListener("offline", refresh);
document.addEventListener("desk:person", () => {
  forget();
  listen(); // whoever is there now is whom the stream follows
  refresh();
});
document.addEventListener("desk:refresh", refresh);
addEventListener("pageshow", (event) => event.persisted && location.reload());
// Without a worker only a reload needs the connection. One that began after this page asked for it is told of it.
navigator.serviceWorker?.register("/desk-worker.js", { scope: "/desk" }).catch(() => {});
navigator.serviceWorker?.ready.then((its) => navigator.serviceWorker.controller || its.active.postMessage("keep"));
