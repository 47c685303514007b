// The outreach page with script: it follows the board. Every tap is a plain form.
// The stream only says that something has changed; what it is, the page asks for itself.

const page = document.getElementById("outreach");
const behind = document.getElementById("behind");
let held = false; // a finger is down: nothing may move under it
let asking = false;
let clock = behind.dataset.clock;

async function refresh() {
  if (asking || held) return;
  asking = true;
  try {
    const answer = await fetch(page.dataset.news, { headers: { "HX-Request": "true" } });
    if (answer.status === 401) return tell(behind.dataset.signedOut);
    if (!answer.ok) throw new Error(String(answer.status));
    const news = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!held) news.querySelectorAll("[data-part]").forEach(place);
    clock = new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
    tell("");
  } catch {
    tell(behind.dataset.text.replace("{}", clock));
  } finally {
    asking = false;
  }
}

function place(part) {
  const target = document.getElementById(part.dataset.part);
  if (target.innerHTML.trim() === part.innerHTML.trim()) return;
  document.querySelector(".good")?.remove(); // what was said is no longer the last thing that happened
  const focused = target.contains(document.activeElement) && document.activeElement.id;
  target.replaceChildren(...part.childNodes);
  if (focused) document.getElementById(focused)?.focus();
}

function tell(text) {
  if (behind.textContent !== text) behind.textContent = text;
  behind.hidden = !text;
}

function follow() {
  const news = new EventSource(page.dataset.live);
  news.addEventListener("figures", refresh);
  news.onerror = () => {
    if (news.readyState === EventSource.CLOSED) setTimeout(follow, 10000 + Math.random() * 10000);
  };
}

const release = () => setTimeout(() => { if (held) { held = false; refresh(); } }, 400);
page.addEventListener("pointerdown", () => (held = true));
document.addEventListener("pointerup", release);
document.addEventListener("pointercancel", release);
follow();
setInterval(() => document.hidden || refresh(), 30000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("online", refresh);
addEventListener("pageshow", (event) => event.persisted && location.reload());
