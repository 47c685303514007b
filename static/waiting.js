// What waits on this device, as the page shows it: how many, each with its age, and a question
// where only a person can tell. Every form of the desk goes this way; `unsent` keeps and sends.

(() => {
  const box = document.getElementById("waiting");
  const words = box.dataset, rows = box.querySelector("ul");
  const pattern = document.getElementById("waiting-item").content.firstElementChild;
  const fill = (text, ...given) => given.reduce((so, one) => so.replace("{}", one), text);
  const read = (text) => new DOMParser().parseFromString(text, "text/html");
  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const FIRST = 2000, LONGEST = 30000; // ms between two tries
  let items = [], asking = 0, wait = FIRST, timer;
  const forms = new Map(); // where a report made on this page was tapped
  const quick = new Set(); // made here a moment ago: they are being saved, and do not wait yet

  const here = (item) => item.site === desk.dataset.site;
  const waits = (item) => item.id !== undefined && !quick.has(item.key)
    && (item.state || item.trouble !== undefined || unsent.age(item) > 2500); // another page may be saving it
  const of = (group) => items.filter((item) => here(item) && item.group === group);
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };

  // What a figure becomes by what is on its way; undefined where only the server can tell.
  const became = (open, given) => given.filter(({ state }) => !state).reduce((open, { kind, value }) => {
    if (kind === "change") return String(Number(value));
    if (kind === "adjust") return open && String(Math.max(0, Number(open) + Number(value)));
    return kind === "confirm" ? open : undefined;
  }, open);

  // Taking a tap

  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement: form, request } = event.detail.ctx;
    if (!desk.contains(form) || !form.matches("form[method=post]")) return;
    event.preventDefault();
    take(form, request.body, request.submitter);
  });

  async function take(form, body, submitter) {
    const part = form.closest("[data-group]"), group = part?.dataset.group ?? "";
    const token = body.get("csrf_token"), kind = body.get("kind") ?? "";
    body.delete("csrf_token");
    body.set("key", newKey());
    foresee(body, group, kind);
    const item = {
      key: body.get("key"), site: desk.dataset.site, group, lane: `${[desk.dataset.site, group].filter(Boolean).join("/")}/`,
      kind, value: body.get("value") ?? "", name: nameOf(part, submitter), undoes: undone(body, group),
      ...whose(), action: form.getAttribute("action"),
      ready: desk.dataset.ready, fields: [...body], made: unsent.moment(),
    };
    say(said.dataset.saving, true);
    quick.add(item.key);
    forms.set(item.key, form);
    items.push(item);
    setTimeout(() => lay(item), 3000);
    await unsent.keep(item);
    unsent.tokens.set(item.id, token);
    go();
  }

  // What one's own reports on the way will have made of the figure is no news to the one who sent them.
  function foresee(body, group, kind) {
    const mine = of(group);
    const set = (name, given, lost) => {
      const next = became(body.get(name), given);
      if (next !== undefined) body.set(name, next);
      else if (lost) body.delete(name);
    };
    if (kind === "change" && body.has("seen")) set("seen", mine, true);
    if (kind === "confirm") set("value", mine);
    for (const name of [...body.keys()].filter((one) => one.startsWith("seen."))) set(name, of(name.slice(5)));
  }

  // Whose report it is: of whoever is at the desk; where nobody is, of who taps their name next.
  function whose() {
    const { person = "", name = "" } = document.getElementById("person").dataset;
    return { who: person, by: name };
  }

  let arriving; // saved, and not yet shown as such: an undo that is tapped now means this one
  const undone = (body, group) => {
    if (!group || !body.has("undoes")) return undefined;
    const last = of(group).findLast((item) => !item.state && item.kind);
    return (last ?? (arriving?.group === group && arriving.kind ? arriving : undefined))?.key;
  };

  function nameOf(part, submitter) {
    const group = part?.querySelector("h2")?.textContent.trim();
    const whole = submitter?.getAttribute("aria-label") ?? submitter?.textContent.trim() ?? "";
    return group ? { group, act: submitter?.textContent.trim() } : { group: "", act: whole };
  }

  function asked({ kind, value, name }) {
    if (kind === "adjust") return `${value > 0 ? "+" : "−"}${Math.abs(value)}`;
    if (kind === "confirm") return fill(words.still, value);
    return kind === "change" ? value : name.act;
  }

  // What became of it

  async function hears(item, answer) {
    const done = unsent.KEPT(answer.status) || unsent.REFUSED(answer.status);
    if (done) {
      quick.delete(item.key);
      await answered(item, answer);
    } else {
      lay(item);
      say(answer.status === 401 ? words.locked : answer.status || answer.slow ? words.unsure : words.unsent, false);
      if (answer.status === 401 && answer.straight) await letIn(item, answer);
    }
    await look();
  }

  // It is not saved at once, so it waits: the page says so, and shows the server's figure again.
  function lay(item) {
    if (!quick.delete(item.key)) return;
    say(words.unsent, false);
    desk.dispatchEvent(new CustomEvent("desk:waits", { detail: { item } }));
    show();
  }

  async function look() {
    const found = await unsent.list();
    items = [...found, ...items.filter(({ id }) => id === undefined)]; // these are being put there
    show();
    if (!items.every(waits)) setTimeout(show, 2600); // by then another page has sent them, or they wait
  }

  const place = (item, { status, text }) => htmx.swap({ sourceElement: forms.get(item.key) ?? desk, target: desk, swap: "none", text, response: { status } });

  async function answered(item, answer) {
    const straight = answer.straight, good = unsent.KEPT(answer.status);
    items = items.filter(({ key }) => key !== item.key);
    if (good) arriving = item;
    if (here(item) && answer.text.includes("<hx-partial")) {
      await place(item, answer);
    } else say(good ? words.gone : words.refused, good);
    arriving = undefined;
    said.dataset.good = good ? "yes" : "no";
    if (good) {
      wait = FIRST;
      if (["change", "confirm"].includes(item.kind)) await settled(item);
    } else if (!straight) {
      const told = read(answer.text).querySelector("[hx-target^='#talk'] .alert, .alert");
      const why = answer.nothing ? words.nothing : told?.textContent.trim() || words.refused;
      if (await unsent.find(item.id)) await unsent.keep(Object.assign(item, { why }));
    }
    desk.dispatchEvent(new CustomEvent("desk:answered", { detail: { item, good, straight } }));
  }

  // A number that was kept settles what was refused about the same beds.
  async function settled({ lane }) {
    for (const old of await unsent.list()) if (old.lane === lane && old.state === "refused") await unsent.drop(old.id);
  }

  // It waits here; the way to sign in leads back, and a name can be tapped on this very page.
  async function letIn(item, answer) {
    if (answer.text.includes("<hx-partial")) return place(item, answer);
    if (!unsent.safe || !answer.headers.has("HX-Redirect")) return;
    const way = new URL(answer.headers.get("HX-Redirect"), location.href);
    way.searchParams.set("next", location.pathname);
    removeEventListener("beforeunload", warn);
    location.assign(way);
  }

  async function go() {
    clearTimeout(timer);
    await unsent.send(hears);
    await look();
    if (!items.some(({ state }) => !state)) return;
    clearTimeout(timer);
    navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("desk")).catch(() => {});
    timer = setTimeout(() => {
      wait = Math.min(wait * 2, LONGEST);
      go();
    }, wait * (1 + Math.random() / 2));
  }
  const soon = () => {
    wait = FIRST;
    if (items.length) go();
  };

  // Showing

  function span(ms) {
    const minutes = Math.floor(ms / 60000), hours = Math.floor(minutes / 60);
    if (!minutes) return words.moment;
    return [hours && `${hours}\u00a0h`, (minutes % 60 || !hours) && `${minutes % 60}\u00a0min`].filter(Boolean).join(" ");
  }

  function show() {
    const shown = items.filter(waits), shelved = new Map([...rows.children].map((row) => [row.dataset.id, row]));
    box.hidden = !shown.length;
    put(box.querySelector("summary"), fill(shown.length === 1 ? words.one : words.many, shown.length));
    box.querySelector(".unsafe").hidden = unsent.safe;
    for (const item of shown) {
      const known = shelved.get(String(item.id));
      shelved.delete(String(item.id));
      const row = known ?? rows.appendChild(pattern.cloneNode(true));
      tell(row, item);
    }
    for (const row of shelved.values()) row.remove();
    const asks = shown.filter(({ state }) => state).length;
    if (asks > asking) box.open = true; // a question comes into view, whoever found it: this page or the worker
    asking = asks;
    for (const group of desk.querySelectorAll(".group")) beside(group, shown);
  }

  function tell(row, item) {
    const { state = "waiting", trouble } = item, what = asked(item), waited = span(unsent.age(item)), counts = ["change", "confirm"].includes(item.kind);
    const why = { refused: item.why, whose: fill(words.whose, item.by), old: counts ? fill(words.old, waited, item.value) : fill(words.ask, waited) }[state]
      ?? (trouble === 401 ? words.locked : trouble ? words.unsure : "");
    row.dataset.id = item.id;
    row.dataset.state = state;
    put(row.querySelector(".what"), `${[item.name.group, what].filter(Boolean).join(": ")} · ${fill(words.waited, waited)}`);
    put(row.querySelector(".why"), why);
    for (const button of row.querySelectorAll("[data-for]")) button.hidden = !button.dataset.for.split(" ").includes(state) || (button.value === "again" && !counts);
    put(row.querySelector("[value=again]"), fill(words.again, item.value));
  }

  // "4 → 3, not sent yet", beside the figure that the server has.
  function beside(group, shown) {
    const mine = shown.filter((item) => here(item) && item.group === group.dataset.group && !item.state);
    const open = group.querySelector(".seen").dataset.open, next = became(open, mine);
    const line = group.querySelector(".unsent"), change = next && next !== open;
    line.hidden = !mine.length;
    put(line, fill(words.beside, change ? `${open || "?"} → ${next}` : mine.map(asked).join(", ")));
  }

  // Choosing

  rows.addEventListener("click", async (event) => {
    const row = event.target.closest("li"), choice = event.target.closest("button")?.value;
    const item = choice && await unsent.find(Number(row.dataset.id));
    if (!item) return;
    (row.nextElementSibling ?? row.previousElementSibling ?? said).querySelector?.("button:not([hidden])")?.focus();
    if (choice === "drop") await unsent.drop(item.id);
    else await unsent.keep(CHOICES[choice](item));
    await look();
    soon();
  });

  const CHOICES = {
    send: (item) => item,
    mine: (item) => Object.assign(item, { who: item.asked, state: undefined }),
    history: (item) => Object.assign(item, { history: true, state: undefined }),
    again: (item) => { // said anew, now, over the figure that is on the screen
      const seen = document.querySelector(`#seen-${CSS.escape(item.group)}`)?.dataset.open;
      const news = { kind: "change", key: newKey(), ...here(item) && { seen } };
      const fields = { ...Object.fromEntries(item.fields), ...news };
      return Object.assign(item, { state: undefined, kind: "change", key: news.key, fields: Object.entries(fields), who: item.asked, made: unsent.moment() });
    },
  };

  const warn = (event) => items.some(waits) && event.preventDefault();
  addEventListener("beforeunload", warn);
  // Another page, or the worker, sent one of these: what became of it is told here too.
  unsent.others?.addEventListener("message", ({ data: { kept, text } }) => {
    const told = kept && said.dataset.good === "no" && items.some(({ key }) => key === kept) && read(text).querySelector("[hx-target='#said']");
    if (told) say(told.textContent.trim(), true);
    look();
  });
  addEventListener("online", soon);
  document.addEventListener("desk:person", soon);
  addEventListener("desk:heard", soon);
  setInterval(show, 15000);
  look().then(go);
})();
