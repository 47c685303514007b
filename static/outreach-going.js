// When to leave for each site, and which of the sites below concern these people. Ends, minutes and
// words are the server's, `now`, `clock` and `span` those of outreach.js; where somebody starts is
// chosen from a list and stays on this device.
(() => {
  const form = document.getElementById("asked"), words = document.getElementById("ways");
  if (!form || !words) return;
  const FAR = 1e6;

  // What is chosen: another script may have yet to bring it from the address into the form.
  const fields = () => new URLSearchParams([...new FormData(form)]);
  const chosen = () => location.hash.includes("=") ? new URLSearchParams(location.hash.slice(1)) : fields();
  const minutes = (start) => {
    const option = [...form.elements.start?.options ?? []].find(({ value }) => value && value === start);
    return option && JSON.parse(option.dataset.minutes);
  };

  const timed = (known, area) => known && Object.hasOwn(known, area) ? known[area] : undefined; // an area may be named "constructor"

  function line(way, took, end) {
    const text = words.querySelector(`[data-way=${way}]`).dataset, item = document.createElement("li");
    const by = end && end - took * 6e4, missed = by && by < now();
    item.dataset.way = way;
    item.toggleAttribute("data-missed", Boolean(missed));
    item.textContent = (missed ? text.missed : by ? text.by : text.plain).replace("{}", span(took)).replace("{at}", by && clock(by));
    return item;
  }

  function leave(list, known) {
    const { area, end, closes, over } = list.dataset, past = Boolean(end) && end <= now();
    const ended = over !== undefined || (past && closes === "no"); // after a curfew one may still ask
    const legs = timed(known, area)?.map((took, place) => took !== null && line(["walk", "drive"][place], took, past ? 0 : Number(end))).filter(Boolean) ?? [];
    if (known && !ended && !legs.length) {
      legs.push(document.createElement("li"));
      legs[0].textContent = words.dataset.unknown;
    }
    const shown = ended ? [] : legs;
    if (shown.map((one) => one.textContent).join() !== [...list.children].map((one) => one.textContent).join()) list.replaceChildren(...shown);
    const card = list.closest("[data-near]"), [walk, drive] = timed(known, area) ?? [];
    if (!card) return;
    card.dataset.near = walk ?? drive ?? FAR;
    // Where every way is too long by now, or the doors have closed, coming so late must be asked about.
    const late = shown.length > 0 && shown.every((one) => "missed" in one.dataset);
    card.dataset.ended = ended ? "no" : past || late ? "ask" : "";
  }

  // A site below is for these people unless each of its bed groups refuses something of theirs;
  // of one site the likeliest call that is left is shown.
  function sift(query) {
    const asked = ["who", "pet", "need", "by", "side"].flatMap((name) => query.getAll(name)), seen = new Set();
    for (const item of all("[data-nos]")) {
      const place = `${item.parentElement.className} ${item.dataset.of}`;
      const apart = item.dataset.nos.split("|").every((words) => words.split(" ").some((word) => asked.includes(word)));
      item.hidden = apart || (item.closest(".calls") && seen.has(place));
      if (!apart) seen.add(place);
    }
    const some = (list) => [...list.children].some((one) => one.matches(".door") && !one.hidden);
    for (const head of all("#later h2")) head.hidden = !some(head.nextElementSibling);
    for (const list of all(".calls")) list.querySelector(".none").hidden = some(list);
    const wave = document.getElementById("wave"), times = all("#later h2:not([hidden])").map(({ dataset }) => dataset.wall);
    if (wave) put(wave, times.length ? wave.dataset.some.replace("{}", times.join(", ")) : wave.dataset.none);
  }

  function draw(query) {
    const known = minutes(query.get("start"));
    for (const list of all(".ways")) leave(list, known);
    for (const one of all(".when [data-until]")) one.hidden = now() >= one.dataset.until;
    for (const one of all(".when [data-from]")) one.hidden = now() < one.dataset.from;
    sift(query);
  }
  const again = () => draw(chosen());

  // Before whoever puts the sites in order: how near they are is part of it.
  document.addEventListener("change", ({ target }) => { if (target.form === form) draw(fields()); }, true);
  addEventListener("hashchange", again);
  addEventListener("outreach:news", again);
  // The one button that sends this form, with the choice in the address for the page that follows.
  document.addEventListener("submit", (event) => {
    if (event.submitter?.formMethod !== "post" || event.target !== form) return;
    event.stopImmediatePropagation();
    event.submitter.formAction = event.submitter.formAction.split("#")[0] + location.hash;
  }, true);
  setInterval(again, 30000);
  again();
})();
