// The outreach page's own worker: without a connection it shows the last board that this browser
// knew, marked as such, and brought up by every refresh that came since. The server puts two lines
// before this one: which build it is, so that a new one begins anew, and what a phone is told.

const PAGES = "outreach-pages", FILES = "outreach-files"; // forget.js removes the pages
const PATIENCE = 4000; // ms for the network, where there is a page to fall back to
const BOARD = "/outreach", NEWS = "/outreach/news";
const PART = /<!--part (\S+)-->[^]*?<!--\/part \1-->/g, SAID = /<!--said-->[^]*?<!--\/said-->/;
const ANSWER = 20000; // ms for the page that says what became of a tap
let tap = 0; // when the last one was sent
let last = Promise.resolve(); // changes of the kept page come one after the other

// A page is kept by its language alone; a choice in the address of a page without script is not.
function nameOf(url) {
  const lang = url.searchParams.get("lang");
  return BOARD + (lang ? `?lang=${lang}` : "");
}

const open = () => caches.open(PAGES);
const forget = () => caches.delete(PAGES);

// `at`: when the page's own time was true, and `seen`: when it was last confirmed, by this clock.
function dated(html, at, seen = at) {
  const headers = { "Content-Type": "text/html; charset=utf-8", At: String(at), Seen: String(seen) };
  return new Response(html, { headers });
}

// `pages` was opened before the question: who has signed out meanwhile has deleted it, and what is
// put there then is kept nowhere.
function remember(pages, url, answer, known) {
  const at = Date.now();
  last = last.then(async () => {
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return forget(); // signed out
    if (url.pathname === NEWS) return renew(pages, url, answer, at, known);
    const plain = [...url.searchParams.keys()].every((name) => name === "lang");
    if (plain && answer.status === 200 && !answer.redirected) await pages.put(nameOf(url), dated(await answer.text(), at));
  }).catch(() => {});
  return last;
}

// The page that is kept, with the parts that a refresh brought in place of its own. A refresh tells
// what changed since the marks that the asking page `known`; where ours are others, we read it all.
async function renew(pages, url, answer, at, known) {
  const old = await pages.match(nameOf(url), { ignoreVary: true });
  if (!old || ![200, 304].includes(answer.status)) return;
  let html = await old.text(), from = Number(old.headers.get("At"));
  if (answer.status === 200) {
    const same = (marks) => marks && html.includes(`data-marks="${marks.slice(3, -1)}"`); // of W/"…"
    if (same(known)) {
      for (const [part, name] of (await answer.text()).matchAll(PART)) html = put(html, part, name);
      from = at;
    } else if (!same(answer.headers.get("ETag"))) return keep(url);
  }
  await pages.put(nameOf(url), dated(html, from, at));
}

function put(html, part, name) {
  const [start, end] = ends(html, name);
  const whole = part.replace(/<!--same (\S+)-->/g, (_, inner) => html.slice(...ends(html, inner))); // as it was
  return start < 0 ? html : html.slice(0, start) + whole + html.slice(end);
}

function ends(html, name) {
  const start = html.indexOf(`<!--part ${name}-->`), end = `<!--/part ${name}-->`;
  return [start, html.indexOf(end, start) + end.length];
}

// Reads the page for nobody: what it would say to a person stays for them.
async function keep(url) {
  const pages = await open(), at = Date.now(), answer = await fetch(nameOf(url), { headers: { Purpose: "prefetch" }, redirect: "manual" });
  if (answer.status !== 200) return "";
  const html = await answer.text();
  await pages.put(nameOf(url), dated(html, at));
  return html;
}

async function marked(old) {
  const mark = `<html data-page="kept" data-at="${old.headers.get("At")}" data-seen="${old.headers.get("Seen")}" `;
  const html = (await old.text()).replace(SAID, "").replace("<html ", () => mark);
  return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

// The network first; after its time, or without one, the last that was kept.
async function fresh(event, url) {
  const pages = await open(), asked = fetch(event.request);
  event.waitUntil(asked.then((answer) => remember(pages, url, answer.clone())).catch(() => {}));
  const old = await pages.match(nameOf(url), { ignoreVary: true });
  if (!old) return asked;
  const late = new Promise((done) => setTimeout(done, Date.now() - tap < ANSWER ? ANSWER : PATIENCE));
  const answer = await Promise.race([asked.catch(() => null), late]);
  return answer && answer.status < 500 ? answer : marked(old); // a server that can't is none
}

async function news(event, url) {
  const pages = await open(), answer = await fetch(event.request);
  event.waitUntil(remember(pages, url, answer.clone(), event.request.headers.get("If-None-Match")));
  return answer;
}

// A tap whose answer never came: nobody knows, and the page says so.
async function tapped(request, url) {
  tap = Date.now();
  return fetch(request).catch(() => {
    const lang = url.searchParams.get("lang");
    return Response.redirect(`${BOARD}?again=unsure${lang ? `&lang=${lang}` : ""}`, 303);
  });
}

async function file(request) {
  const files = await caches.open(FILES), known = await files.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.status === 200) await files.put(request, answer.clone());
  return answer;
}

// The page that is open now came without this worker: it keeps it, and every file it names.
async function begin() {
  await clients.claim();
  for (const { url } of await clients.matchAll()) {
    const here = new URL(url);
    if (here.pathname !== BOARD) continue;
    const named = [...(await keep(here)).matchAll(/(?:src|href)="([^"]*\/static\/[^"]+)"/g)].map(([, name]) => name);
    await (await caches.open(FILES)).addAll(new Set(named));
  }
}

addEventListener("message", (event) => event.data === "keep" && event.waitUntil(begin()));
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(caches.delete(FILES).then(begin)));
addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const visit = request.mode === "navigate";
  if (request.method === "POST" && visit && url.pathname.startsWith(`${BOARD}/`)) return event.respondWith(tapped(request, url));
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (url.pathname === NEWS) event.respondWith(news(event, url));
  else if (visit && url.pathname === BOARD) event.respondWith(fresh(event, url));
});
