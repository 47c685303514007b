// The outreach page with script: it follows the board, counts its times on, and says how old it is
// where it can't. Every tap is a plain form. Times, numbers and wordings are the server's.

const root = document.documentElement, NB = "\u00a0";
const page = document.getElementById("outreach");
const behind = document.getElementById("behind"), words = behind.dataset;
const marks = () => document.getElementById("marks").dataset;
const all = (query) => [...document.querySelectorAll(query)];
const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
let held = false; // a finger is down: nothing may move under it
let asking = false, again = false;
const PATIENCE = 20000; // ms for a refresh: after that nobody knows what is true now

// The server's clock. Between messages it runs on, by whichever of our clocks ran further.
let told, ticks, device;
const now = () => told + Math.max(performance.now() - ticks, Date.now() - device);
const hear = (ms) => { told = ms; ticks = performance.now(); device = Date.now(); };
const clock = (ms) => { // the wall clock is the server's too: an old phone has old rules for time zones
  const wall = new Date(ms + words.ahead * 6e4), hour = wall.getUTCHours(), two = String(wall.getUTCMinutes()).padStart(2, "0");
  return root.lang === "fr" ? `${hour}${NB}h${NB}${two}` : `${hour % 12 || 12}:${two}${NB}${hour < 12 ? "am" : "pm"}`;
};
const span = (minutes) => {
  const hours = Math.floor(minutes / 60), rest = minutes % 60;
  return [hours && `${hours}${NB}h`, (rest || !hours) && `${rest}${NB}min`].filter(Boolean).join(" ");
};
const left = (ms) => (ms > 6e4 ? span(Math.ceil(ms / 6e4)) : `${Math.max(0, Math.ceil(ms / 1000))}${NB}s`);

// What the page says of itself. `seen`: when its board was last known to be so.
let seen;
function state(name, text = "") {
  root.dataset.page = name;
  put(behind, text.replace("{}", clock(seen)));
  behind.hidden = !text;
}
const lost = () => state(root.dataset.page === "kept" ? "kept" : "alone", words.text);

function tick() {
  const time = now();
  if (root.dataset.page !== "live" && root.dataset.page !== "out") lost();
  root.toggleAttribute("data-over", time >= marks().reset); // yesterday's numbers are nobody's
  for (const { dataset } of all("[data-stale-after]")) {
    if (time > dataset.staleAfter) dataset.freshness = "stale";
    else if (time > dataset.freshUntil && dataset.freshness === "fresh") dataset.freshness = "ageing";
  }
  for (const one of all("[data-at].age")) {
    const minutes = Math.max(0, Math.floor(time / 6e4) - Math.floor(one.dataset.at / 6e4));
    put(one, minutes ? words.ago.replace("{}", span(minutes)) : words.justNow);
  }
  for (const one of all("[data-to]")) put(one, left(one.dataset.to - time));
  for (const one of all("[data-until]")) one.hidden = time >= one.dataset.until;
  for (const one of all("[data-from]")) one.hidden = time < one.dataset.from;
}

// A refresh: the server sends the parts that changed since our marks, or nothing.
async function refresh() {
  again = asking || busy();
  if (again) return;
  asking = true;
  try {
    const headers = { "HX-Request": "true", "If-None-Match": `W/"${marks().marks}"` };
    const answer = await fetch(page.dataset.news, { headers, signal: AbortSignal.timeout?.(PATIENCE) });
    if (answer.status === 401) return state("out", words.signedOut);
    if (answer.status === 205) return performance.now() > 1e4 && location.reload(); // sites have come or gone
    if (answer.status === 200) take(new DOMParser().parseFromString(await answer.text(), "text/html").body);
    else if (answer.status !== 304) throw new Error(String(answer.status));
    seen = now();
    state("live");
  } catch {
    lost();
  } finally {
    asking = false;
    if (again) refresh();
  }
}

function take(news) {
  const parts = [...news.children];
  if (parts.length > 1) document.getElementById("told")?.remove(); // it is no longer the last thing that happened
  parts.forEach(place);
  hear(Number(marks().now));
  dispatchEvent(new Event("outreach:news"));
  tick();
}

// What has not changed within a part is only named: "same taps-1".
function kept(fresh) {
  const comments = document.createTreeWalker(fresh, NodeFilter.SHOW_COMMENT), found = [];
  while (comments.nextNode()) if (comments.currentNode.data.startsWith("same ")) found.push(comments.currentNode);
  return found;
}

// The element stays, and where it stands: a live region keeps its listeners, a card its place.
function place(fresh) {
  const target = document.getElementById(fresh.id);
  if (!target) return;
  const reach = () => [...target.querySelectorAll("a, button, summary")], fold = () => [...target.querySelectorAll("details")];
  const focused = reach().findIndex((one) => one === document.activeElement), text = document.activeElement?.textContent;
  const opened = fold().map(({ open }) => open);
  for (const one of kept(fresh)) one.replaceWith(document.getElementById(one.data.slice(5)) ?? "");
  for (const { name, value } of fresh.attributes) target.setAttribute(name, value);
  target.replaceChildren(...fresh.childNodes);
  if (fold().length === opened.length) fold().forEach((one, at) => { one.open ||= opened[at]; });
  if (focused >= 0) (reach()[focused]?.textContent === text ? reach()[focused] : reach().find((one) => one.textContent === text))?.focus();
  if (target.matches(".door, .offer")) target.classList.add("glow");
}

// Whoever calls a site will soon know more: the taps that say what they heard are open when they come back.
page.addEventListener("click", ({ target }) => {
  const door = target.closest('a[href^="tel:"]')?.closest(".door");
  for (const fold of door?.querySelectorAll(".visit") ?? []) fold.open = true;
});

// Nothing is changed under a finger, or under somebody who is choosing in a form of their own.
const busy = () => held || document.activeElement?.matches("form[method=post] :is(select, input, textarea)");

function follow() {
  const news = new EventSource(page.dataset.live);
  news.addEventListener("figures", refresh);
  news.addEventListener("beat", ({ data }) => { hear(JSON.parse(data).now); tick(); });
  news.onerror = () => {
    if (news.readyState === EventSource.CLOSED) setTimeout(follow, 10000 + Math.random() * 10000);
  };
}

// A tap takes the choice along, behind the #, and nothing is sent where there is no connection.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!page.contains(form) || form.method !== "post") return;
  form.action = form.action.split("#")[0] + location.hash;
  if (navigator.onLine) return;
  event.preventDefault();
  state(root.dataset.page === "kept" ? "kept" : "alone", words.offline);
  behind.scrollIntoView({ block: "center" });
});

// A link within the page goes there and leaves what stands after # alone: it is the choice.
document.addEventListener("click", (event) => {
  const id = event.target.closest('a[href^="#"]')?.getAttribute("href").slice(1), target = id && document.getElementById(id);
  if (!target) return;
  event.preventDefault();
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
  target.scrollIntoView();
});

const release = () => setTimeout(() => { if (held) { held = false; refresh(); } }, 400);
page.addEventListener("pointerdown", () => (held = true));
document.addEventListener("pointerup", release);
document.addEventListener("pointercancel", release);
addEventListener("animationend", ({ target }) => target.classList.remove("glow"));
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("online", refresh);
addEventListener("offline", lost);
addEventListener("pageshow", (event) => event.persisted && location.reload());

root.classList.add("script");
hear(Number(marks().now));
seen = told;
if (root.dataset.page === "kept") { // by the worker: an hour ago, by this device's own clock
  const { at, seen: confirmed } = root.dataset, passed = Math.max(0, Date.now() - at);
  seen += Math.max(0, confirmed - at);
  hear(told + passed);
  lost();
  if (new URLSearchParams(location.search).get("again") === "unsure") { // a tap whose answer never came
    const unsure = Object.assign(document.createElement("p"), { id: "told", className: "alert", role: "alert" });
    behind.before(unsure);
    unsure.textContent = words.unsure;
  }
  refresh();
} else state("live");
tick();
setInterval(tick, 1000);
setInterval(() => document.hidden || refresh(), 30000);
follow();
navigator.serviceWorker?.register("/outreach-worker.js", { scope: "/outreach" }).catch(() => {});
navigator.serviceWorker?.ready.then((its) => navigator.serviceWorker.controller || its.active.postMessage("keep"));
