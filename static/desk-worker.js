// The desk's own worker: a reload without a connection shows the last page of this desk, marked as
// such, and what waits goes out also while no page is open. Public pages have no worker.
// The server puts two lines before this one: which build it is, so that a new one begins anew, and
// the file that sends.

const PAGES = "desk-pages", ASSETS = "desk-files"; // forget.js removes the pages
const PATIENCE = 4000; // ms for the network, where there is a page to fall back to
const ONE_DESK = /^\/desk\/[^/]+$/, FIGURES = /^\/desk\/[^/]+\/figures$/;

// A page is kept by its path and language; what an address carries for one visit is left out.
function nameOf(url) {
  const lang = url.searchParams.get("lang");
  return url.pathname + (lang ? `?lang=${lang}` : "");
}

const kept = async (url) => (await caches.open(PAGES)).match(nameOf(url), { ignoreVary: true });

// A desk that can't be seen any more is forgotten: signed out, or the site is another's.
async function remember(url, answer) {
  const pages = await caches.open(PAGES), desk = url.pathname.replace(/\/figures$/, "");
  if (answer.status === 200 && !answer.redirected) await pages.put(nameOf(url), answer);
  else if (desk !== "/desk" && (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status))) {
    for (const request of await pages.keys()) {
      if ([desk, `${desk}/figures`].includes(new URL(request.url).pathname)) await pages.delete(request);
    }
  }
}

async function marked(answer) {
  const headers = new Headers(answer.headers);
  headers.set("Desk-Kept", "yes");
  const text = await answer.text();
  return new Response(text.replace("<html ", '<html data-page="kept" '), { headers });
}

// The network first; after its time, or without one, the last that was kept.
async function fresh(event, url) {
  const asked = fetch(event.request);
  event.waitUntil(asked.then((answer) => remember(url, answer.clone())).catch(() => {}));
  const old = await kept(url);
  if (!old) return asked.catch((error) => elsewhere(url, error));
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  return await Promise.race([asked.catch(() => null), late]) ?? marked(old);
}

// "/desk" leads on to one's only desk: without a connection, to the one that is kept.
async function elsewhere(url, error) {
  const pages = await (await caches.open(PAGES)).keys();
  const page = pages.map((request) => request.url).find((one) => ONE_DESK.test(new URL(one).pathname));
  if (url.pathname !== "/desk" || !page) throw error;
  return Response.redirect(page);
}

async function file(request) {
  const files = await caches.open(ASSETS), known = await files.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.status === 200) await files.put(request, answer.clone());
  return answer;
}

// The pages that are open now came without this worker: it keeps them, and every file they name.
async function begin() {
  await clients.claim();
  for (const { url } of await clients.matchAll()) {
    const here = new URL(url);
    if (!ONE_DESK.test(here.pathname)) continue;
    const answer = await fetch(nameOf(here)), html = await answer.clone().text();
    const named = [...html.matchAll(/(?:src|href)="([^"]*\/static\/[^"]+)"/g)].map(([, name]) => name);
    await (await caches.open(ASSETS)).addAll(new Set(named));
    await remember(here, answer);
  }
}

// Fails where something is left, so that the browser tries again.
async function sendLeft() {
  await unsent.send();
  if ((await unsent.list()).some(({ state }) => !state)) throw new Error("something still waits");
}

addEventListener("message", (event) => event.waitUntil(event.data === "keep" ? begin() : caches.delete(PAGES).then(begin)));
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(caches.delete(ASSETS).then(begin)));
addEventListener("sync", (event) => event.waitUntil(sendLeft()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(event.request));
  else if (FIGURES.test(url.pathname) || (event.request.mode === "navigate" && (ONE_DESK.test(url.pathname) || url.pathname === "/desk"))) {
    event.respondWith(fresh(event, url));
  }
});
