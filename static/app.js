// Keeps a public page honest about time: its clock, its stream, and what it says when it can't
// know. Times, numbers and wordings are the server's; freshness only ever moves on.
(() => {
  const root = document.documentElement, NB = "\u00a0";
  const id = (name) => document.getElementById(name);
  const all = (query) => [...document.querySelectorAll(query)];
  const put = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };
  const words = id("live").dataset, pause = id("pause"), alone = id("board").matches(".one");
  const QUIET = 45e3, GAP = 15e3, PATIENCE = 8e3, FIRST = 2e3, LONGEST = 22e3;

  // The server's clock. Between messages it runs on, by whichever of our clocks ran further.
  let told, ticks, device, last;
  const now = () => told + Math.max(performance.now() - ticks, Date.now() - device);
  const hear = (ms) => { told = last = ms; ticks = performance.now(); device = Date.now(); };
  // The wall clock is the server's too: an old phone has old rules for time zones.
  let ahead = Number(words.ahead);
  const clock = (ms) => {
    const wall = new Date(ms + ahead * 6e4), hour = wall.getUTCHours(), two = String(wall.getUTCMinutes()).padStart(2, "0");
    return root.lang === "fr" ? `${hour}${NB}h${NB}${two}` : `${hour % 12 || 12}:${two}${NB}${hour < 12 ? "am" : "pm"}`;
  };
  const span = (minutes) => {
    const hours = Math.floor(minutes / 60), rest = minutes % 60;
    return [hours && `${hours}${NB}h`, (rest || !hours) && `${rest}${NB}min`].filter(Boolean).join(" ");
  };

  // What the page says of itself: live, checking, lost or paused.
  let page, away = Number(words.since), gone = words.isGone === "", quiet, patience;
  const say = (state) => {
    root.dataset.page = page = state;
    const since = state === "live" ? away : told;
    const text = { live: away ? (gone ? words.gone : words.away) : "", checking: words.checking, lost: words.lost, paused: words.paused }[state];
    put(id("banner"), text.replace("{}", clock(since)));
    id("banner").hidden = !text;
    if (state === "live") put(id("as-of"), clock(told));
  };
  const alive = () => {
    quiet = performance.now();
    patience = QUIET;
    if (page !== "paused") say("live");
  };
  const doubt = (delay = 0) => { // after a sleep nothing is shown as fresh before a message has come
    if (page === "paused") return;
    quiet = performance.now();
    patience = PATIENCE;
    streaming = false;
    retryAt = quiet + delay;
    say("checking");
  };

  const tick = () => {
    const time = now();
    if (time - last > GAP && !document.hidden) doubt();
    last = time;
    if (page !== "paused" && performance.now() - quiet > patience) {
      streaming = false;
      if (page !== "lost") say("lost");
    }
    for (const { dataset } of all("[data-stale-after]")) {
      if (time > dataset.staleAfter) dataset.freshness = "stale";
      else if (time > dataset.freshUntil) dataset.freshness = "ageing";
    }
    for (const one of all("[data-at]")) {
      const minutes = Math.max(0, Math.floor(time / 6e4) - Math.floor(one.dataset.at / 6e4));
      put(one, minutes ? words.ago.replace("{}", span(minutes)) : words.justNow);
    }
    for (const one of all("[data-to]")) {
      const left = Math.max(0, Math.ceil((one.dataset.to - time) / 6e4));
      put(one, left > 59 ? span(left) : left === 1 ? words.minute : words.minutes.replace("{}", left));
    }
    for (const one of all("[data-until]")) one.hidden = time >= one.dataset.until;
    for (const one of all("[data-from]")) one.hidden = time < one.dataset.from;
    if (!streaming && page !== "paused" && !document.hidden && performance.now() > retryAt) retry();
  };

  // The stream; and without it: try it again and read the page, at growing intervals.
  let streaming = true, wait = FIRST, retryAt = 0, version = `${id("board").dataset.version}@${words.now}`;
  const later = () => { retryAt = performance.now() + wait * (1 + Math.random()); };
  const fail = () => { if (streaming) { streaming = false; later(); } };
  const retry = () => {
    wait = Math.min(wait * 2, LONGEST);
    later();
    connect();
    refresh();
  };
  const connect = () => {
    const live = id("live"), next = live.cloneNode();
    next.removeAttribute("data-htmx-powered");
    next.setAttribute("hx-sse:connect", `/live?since=${encodeURIComponent(version)}&lang=${root.lang}`);
    window.htmx?.swap({ sourceElement: live, target: live, swap: "outerHTML", text: next.outerHTML });
  };
  const older = (than) => {
    const [[epoch, ms, seq], [of, at, nth]] = [than, version].map((one) => one.split(/[-:@]/));
    return epoch === of && (ms - at || seq - nth) < 0;
  };
  const refresh = async () => {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok || streaming) return;
    const read = new DOMParser().parseFromString(await answer.text(), "text/html");
    const board = read.getElementById("board"), { now: time, since, ahead: wall, isGone } = read.getElementById("live").dataset, seen = numbers();
    if (older(board.dataset.version)) return; // a cache, or a server that has not heard yet
    take(board);
    version = `${board.dataset.version}@${time}`;
    hear(Number(time));
    away = Number(since);
    gone = isGone === "";
    ahead = Number(wall);
    alive();
    changed(seen);
  };
  // A board read whole. Sites that came or went need all of it; a site's own page only its card,
  // and where that is gone the page has nothing to say any more.
  const take = (board) => {
    const alerts = board.ownerDocument.getElementById("alerts");
    if (alerts) id("alerts").replaceWith(alerts);
    const cards = [...board.querySelectorAll(".card")], here = all(".card"), missing = here.some(({ id }) => !cards.some((card) => card.id === id));
    if (!alone && (missing || cards.length !== here.length)) return id("board").replaceWith(board);
    if (missing) location.reload();
    for (const card of cards) id(card.id)?.replaceWith(card);
  };
  const figure = (card) => [...card.querySelectorAll(".figure, .groups b")].map((one) => one.textContent).join();
  const numbers = () => new Map(all(".card").map((card) => [card.id, figure(card)]));
  const changed = (seen) => {
    for (const card of all(".card")) if (seen.get(card.id) !== figure(card)) card.classList.add("glow");
    dispatchEvent(new Event("board:changed"));
    tick();
  };

  let seen;
  addEventListener("htmx:sse:before:message", (event) => {
    const { data, event: name } = event.detail.message;
    streaming = true;
    wait = FIRST;
    if (name === "beat") {
      const beat = JSON.parse(data);
      hear(beat.now);
      ({ since: away, gone } = beat);
      ahead = beat.ahead;
      alive();
      tick();
    } else if (page === "paused") event.preventDefault();
    else {
      seen = numbers();
      const board = alone && new DOMParser().parseFromString(data, "text/html").getElementById("board");
      if (board) { take(board); event.detail.message.data = ""; }
    }
  });
  addEventListener("htmx:sse:after:message", ({ detail: { message } }) => {
    if (page !== "paused") version = message.id || version;
    if (!message.event) { alive(); changed(seen); }
  });
  for (const name of ["htmx:error", "htmx:response:error", "htmx:sse:error", "htmx:sse:close"]) addEventListener(name, fail);
  addEventListener("animationend", (event) => event.target.classList.remove("glow"));
  document.querySelector(".again a")?.addEventListener("click", (event) => { event.preventDefault(); location.reload(); });
  addEventListener("online", () => doubt());
  addEventListener("pageshow", (event) => event.persisted && doubt());
  addEventListener("visibilitychange", () => document.hidden || doubt(FIRST));
  pause?.addEventListener("click", () => {
    const resume = page === "paused";
    put(pause, resume ? words.pause : words.resume);
    say(resume ? "checking" : "paused");
    if (resume) doubt();
  });

  root.classList.add("script");
  if (pause) pause.hidden = false;
  hear(Number(words.now));
  alive();
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") doubt();
  tick();
  setInterval(tick, 1e3);
})();
