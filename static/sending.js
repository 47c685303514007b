// What was said at a desk and has not arrived: kept on this device, sent in order, once each.
// The page and its worker share this file, so it knows no page: whoever calls `send` hears what
// became of each report. A key makes every try safe; the lock only spares the server a second one.

const unsent = (() => {
  const PATIENCE = 15000; // ms for one answer
  const STRAIGHT = 2000; // ms in which a report is straight from the screen: the server stamps it
  const ASKS = { "HX-Request": "true", Accept: "text/html" };
  const LIFE = `${Date.now()}-${Math.random()}`; // one run of this script: its ticks mean nothing to another
  const others = "BroadcastChannel" in self ? new BroadcastChannel("desk") : null;

  // Keeping: on the device. Where the browser refuses, in this page for as long as it is open.

  const memory = new Map();
  let safe = true, opening, last = Number.MAX_SAFE_INTEGER / 2;

  const open = () => opening ??= new Promise((done, fail) => {
    setTimeout(fail, 3000, new Error("the browser does not open its store"));
    const asked = indexedDB.open("desk", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("waiting", { keyPath: "id", autoIncrement: true });
    asked.onerror = () => fail(asked.error);
    asked.onsuccess = () => {
      asked.result.onclose = () => { opening = undefined; };
      done(asked.result);
    };
  });

  async function shelf(mode, act) {
    const base = await open();
    return new Promise((done, fail) => {
      const deal = base.transaction("waiting", mode, { durability: "strict" });
      const asked = act(deal.objectStore("waiting"));
      deal.oncomplete = () => done(asked.result);
      deal.onabort = deal.onerror = () => fail(deal.error);
    });
  }

  async function keep(item) {
    if (safe && !memory.has(item.id)) {
      try {
        item.id = await shelf("readwrite", (store) => store.put(item));
      } catch { safe = false; }
    }
    if (!safe) memory.set(item.id ??= ++last, item);
    others?.postMessage("changed");
    return item;
  }

  async function list() {
    const kept = await shelf("readonly", (store) => store.getAll()).catch(() => []);
    return [...kept.filter(({ id }) => !memory.has(id)), ...memory.values()].sort((one, two) => one.id - two.id);
  }

  const find = async (id) => memory.get(id) ?? shelf("readonly", (store) => store.get(id)).catch(() => undefined);

  async function drop(id) {
    memory.delete(id);
    await shelf("readwrite", (store) => store.delete(id)).catch(() => {});
    others?.postMessage("changed");
  }

  // Time: what the server said last, and ticks since. A clock on the wall of a tablet may be wrong
  // by a day and may jump, so it counts only where the page was not alive, and then the longer wait.

  let heard = null; // the server's time as we last heard it: never ahead of the true one
  const reckoned = () => heard && heard.ticks !== undefined && heard.server + performance.now() - heard.ticks;

  function hear(server, remember) {
    if (reckoned() > server) return;
    heard = { server, wall: Date.now(), ticks: performance.now() };
    remember?.({ server, wall: heard.wall });
  }

  const recall = (known) => { heard ??= known; };

  // The moment of a tap. `since`: ms after the server was heard, where nothing hints at a sleep.
  function moment() {
    const wall = Date.now(), tick = performance.now();
    if (!heard) return { wall, tick, life: LIFE };
    const gone = heard.ticks === undefined ? undefined : tick - heard.ticks;
    const awake = gone !== undefined && wall - heard.wall < gone + 2000;
    return { wall, tick, life: LIFE, heard: heard.server, heardWall: heard.wall, since: awake ? gone : undefined };
  }

  const ticked = (made, tick = performance.now()) => made.life === LIFE ? tick - made.tick : 0;

  // How long it has waited, for the eye (ms).
  const age = ({ made }) => Math.max(0, ticked(made), Date.now() - made.wall);

  // When it was said, by the server's clock (ms): where clocks disagree, the earliest that can be.
  // `known` is the server's time with ours beside it. What the device said first was never later
  // than what it said next: `after` is when the server had the one before.
  function saidAt({ made }, known) {
    let at;
    if (made.since !== undefined) at = made.heard + made.since;
    else {
      const lost = made.heard === undefined ? 0 : known.now - made.heard - (known.wall - made.heardWall);
      const waited = Math.max(0, ticked(made, known.tick), known.wall - made.wall + Math.max(0, lost));
      at = Math.max(made.heard ?? 0, known.now - waited);
    }
    return Math.min(known.now, Math.max(at, made.after ?? 0));
  }

  // Sending

  const tokens = new Map(); // of reports made in this page, good for the first try
  const cut = (error) => ({ status: 0, slow: error.name === "TimeoutError" });

  // Who is at this desk, a fresh token, and the server's time.
  async function ready(item) {
    const answer = await fetch(item.ready, { headers: ASKS, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    // A desk that is not theirs (404): it waits for somebody whose desk it is.
    if (!answer.ok) return { status: answer.status === 404 ? 401 : answer.status, headers: answer.headers, text: await answer.text() };
    return { status: 200, ...await answer.json(), wall: Date.now(), tick: performance.now() };
  }

  async function post(item, token, said) {
    const body = new URLSearchParams(item.fields);
    body.set("csrf_token", token);
    if (item.who) body.set("hand", item.who); // it counts as nobody else's
    if (said !== undefined) body.set("first_tried", String(Math.floor(said)));
    const answer = await fetch(item.action, { method: "POST", body, headers: ASKS, keepalive: true, signal: AbortSignal.timeout(PATIENCE) });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  // One try. Answers with a status (0: no connection), or with what a person must be asked.
  async function attempt(item, desks) {
    const token = tokens.get(item.id), straight = token && ticked(item.made) < STRAIGHT;
    tokens.delete(item.id);
    if (straight) {
      const answer = await post(item, token).catch(cut);
      if (answer.status !== 401) return { ...answer, straight };
    }
    const known = desks[item.ready] ??= await ready(item).catch(cut);
    if (known.status !== 200) return { ...known, straight };
    const said = saidAt(item, known);
    if (item.who && item.who !== known.person) return { asks: "whose", known };
    if (said < known.stale && !item.history && item.kind !== "turned") return { asks: "old", known };
    return { ...await post(item, known.token, straight ? undefined : said).catch(cut), straight };
  }

  // An undo of what was refused, thrown away or came too late: an earlier report is not its affair.
  const NOTHING = { status: 409, text: "", nothing: true };
  const KEPT = (status) => status >= 200 && status < 300;
  const REFUSED = (status) => status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);

  // The version that each report made which arrived while we ran. An undo that was tapped on the
  // way takes that back, however early or late it came.
  const made = new Map();
  others?.addEventListener("message", ({ data }) => data.made && made.set(data.kept, data.made));
  function aim(undo) {
    if (!made.has(undo.undoes)) return;
    undo.fields = undo.fields.map(([name, value]) => [name, name === "undoes" ? made.get(undo.undoes) : value]);
    undo.undoes = undefined;
  }

  // What a report that arrived tells those behind it: when the server had it, and what it made.
  async function handOn(item, headers) {
    if (headers.has("Desk-Version")) made.set(item.key, headers.get("Desk-Version"));
    for (const next of (await list()).filter(({ lane, id }) => behind(lane, [item.lane]) && id > item.id)) {
      const at = Number(headers.get("Desk-Observed"));
      if (at) next.made.after = Math.max(next.made.after ?? 0, at);
      aim(next);
      await keep(next);
    }
  }

  async function settle(item, answer, hears) {
    if (answer.asks) await keep(Object.assign(item, { state: answer.asks, asked: answer.known.person }));
    else if (KEPT(answer.status)) {
      await handOn(item, answer.headers);
      others?.postMessage({ kept: item.key, text: answer.text, made: made.get(item.key) });
      await drop(item.id);
    } else if (REFUSED(answer.status) && hears) {
      if (answer.straight) await drop(item.id);
      else await keep(Object.assign(item, { state: "refused" }));
    } else if (item.trouble !== answer.status) await keep(Object.assign(item, { trouble: answer.status }));
  }

  const behind = (lane, stuck) => stuck.some((one) => one.startsWith(lane) || lane.startsWith(one));

  // Once through all that waits. A report never overtakes an earlier one about the same beds; one
  // that asks a person for something holds nobody up.
  async function pass(hears) {
    const desks = {}, stuck = [];
    for (const { id } of await list()) {
      const item = await find(id); // it may have gone meanwhile
      if (!item || item.state || behind(item.lane, stuck)) continue;
      aim(item);
      const of = item.undoes && (await list()).find(({ key }) => key === item.undoes);
      if (of && of.state !== "refused") continue; // what it takes back asks a person first
      const answer = item.undoes ? NOTHING : await attempt(item, desks);
      if (!KEPT(answer.status) && !await find(id)) continue; // somebody took it back meanwhile
      await settle(item, answer, hears);
      await hears?.(item, answer);
      if (answer.status === 0) return;
      if (!answer.asks && !KEPT(answer.status) && !(hears && REFUSED(answer.status))) stuck.push(item.lane);
    }
  }

  let running, again;
  const alone = (act) => navigator.locks ? navigator.locks.request("desk", act) : act();
  function send(hears) {
    again = true;
    return running ??= (async () => {
      try {
        while (again) {
          again = false;
          await alone(() => pass(hears));
        }
      } finally { running = undefined; }
    })();
  }

  return { keep, drop, list, find, send, hear, recall, moment, age, tokens, KEPT, REFUSED, others, get safe() { return safe; } };
})();
