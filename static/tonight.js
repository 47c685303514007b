// The work list follows the board: whatever changes, the server sends it anew. It stays under a
// finger, keeps the focus where it was, and says how old it is where it can't follow.

const list = document.getElementById("list"), behind = document.getElementById("behind");
const PATIENCE = 20000; // ms for a refresh: after that nobody knows what is true now
let asking = false, again = false, held = false;

function say(text) {
  const told = text.replace("{}", document.getElementById("sum").dataset.clock);
  if (behind.textContent !== told) behind.textContent = told;
  behind.hidden = !told;
}

async function refresh() {
  again = asking || held;
  if (again) return;
  asking = true;
  try {
    const answer = await fetch(list.dataset.news, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout?.(PATIENCE) });
    if (answer.status === 401) return say(behind.dataset.signedOut);
    if (!answer.ok) throw new Error(String(answer.status));
    place(await answer.text());
    say("");
  } catch {
    say(behind.dataset.text);
  } finally {
    asking = false;
    if (again && !held) refresh();
  }
}

function place(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const banner = fresh.querySelector("#alerts");
  document.getElementById("alerts").replaceWith(banner);
  const focused = list.contains(document.activeElement) && document.activeElement.id;
  list.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function follow() {
  const news = new EventSource(list.dataset.live);
  news.addEventListener("figures", refresh);
  news.onerror = () => {
    if (news.readyState === EventSource.CLOSED) setTimeout(follow, 10000 + Math.random() * 10000);
  };
}

const release = () => setTimeout(() => { if (held) { held = false; if (again) refresh(); } }, 400);
list.addEventListener("pointerdown", () => (held = true));
document.addEventListener("pointerup", release);
document.addEventListener("pointercancel", release);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("online", refresh);
addEventListener("pageshow", (event) => event.persisted && refresh());
setInterval(() => document.hidden || refresh(), 30000); // ages count on
follow();
