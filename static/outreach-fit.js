// Who and what is needed, without a request. The server wrote what each site and each bed group
// refuses, and what must be asked; here that is compared with the choice, by the rules of fit.py.
// The choice stays on this device, after # in the address.
(() => {
  const form = document.getElementById("asked");
  if (!form) return;
  const ALWAYS = ["closed", "no-beds", "ended", "referral"], PAIRS = ["couple", "family"];
  const FITS = ["fits", "ask", "no"], TRUST = ["fresh", "ageing", "stale", "never"], FAR = 1e6;
  const list = document.querySelector(".sites"), words = document.getElementById("words"), said = document.getElementById("fit-said");
  const WORDS = [...new Set([...words.children].map((one) => one.dataset.no ?? one.dataset.ask))];
  const sorted = (found) => [...new Set(found)].sort((one, other) => WORDS.indexOf(one) - WORDS.indexOf(other));
  const split = (text) => text ? text.split(" ") : [];
  const given = () => new URLSearchParams([...new FormData(form)].filter(([name, value]) => name !== "lang" && value));

  function asked() {
    const query = given(), who = query.get("who"), many = Number(query.get("together")) || 1;
    const wanted = ["who", "pet", "need", "by", "side"].flatMap((name) => query.getAll(name));
    return { who, any: query.size > 0, words: [...wanted, ...ALWAYS], people: Math.max(many, PAIRS.includes(who) ? 2 : 1) };
  }

  // One bed group: the worst of its answers, with every word that says so.
  function judge(group, card, want) {
    const hour = (name) => (group && card.dataset.ended === name ? ["ended"] : []); // by the clock of outreach-going.js
    const said = (name) => [...split(card.dataset[name]), ...split(group?.dataset[name]), ...hour(name)].filter((word) => want.words.includes(word));
    const no = said("no"), ask = said("ask"), trusted = group && !["stale", "never"].includes(group.dataset.freshness);
    const beds = trusted && group.dataset.available !== "" ? Number(group.dataset.available) : null;
    if (group && group.dataset.status !== "closed") {
      if (beds === null) ask.push("call-first");
      else if (!beds) no.push("full");
      else if (beds < want.people && "rooms" in group.dataset) ask.push("room");
      else if (beds < want.people) no.push("too-few");
    }
    const fit = no.length ? "no" : ask.length ? "ask" : "fits";
    return { group, fit, why: sorted(no.length ? no : ask), beds: beds ?? 0, rank: TRUST.indexOf(group?.dataset.freshness ?? "never") };
  }

  // Where none fits: one that is for these people, and refuses them for the fewest reasons.
  const others = (why) => Number(why.some((word) => word === "closed" || form.querySelector(`[name=who][value="${word}"]`)));
  const worth = ({ fit, why, rank, beds }) => fit === "no" ? [2, others(why), why.length, rank, -beds] : [FITS.indexOf(fit), rank, -beds];
  const less = (one, other) => one.reduce((so, value, place) => so || value - other[place], 0);

  function verdict(card, want) {
    const groups = [...card.querySelectorAll("[data-available]")];
    const judged = (groups.length ? groups : [null]).map((group) => judge(group, card, want));
    const [best] = [...judged].sort((one, other) => less(worth(one), worth(other)));
    const apart = judged.filter(({ why }) => why.join() === "too-few").reduce((sum, { beds }) => sum + beds, 0);
    const split = best.fit === "no" && !PAIRS.includes(want.who) && apart >= want.people;
    const { fit, why } = split ? { fit: "ask", why: ["apart"] } : best;
    const place = [FITS.indexOf(fit), best.rank, -best.beds, near(card), Number(card.dataset.name)];
    return { card, fit, why, judged, place };
  }

  const near = (card) => Number(card.dataset.near ?? FAR);

  function tell(node, { fit, why }, hidden) {
    if (!node) return;
    const parts = why.map((word) => {
      const part = document.createElement("span");
      part.dataset.word = word;
      part.textContent = [...words.children].find(({ dataset }) => dataset[fit] === word)?.textContent ?? word;
      return part;
    });
    node.dataset.fit = fit;
    node.hidden = hidden;
    node.replaceChildren(words.dataset[fit], ...parts.flatMap((part, place) => [place ? ", " : " ", part]));
  }

  function judgeAll() {
    const want = asked();
    return [...list.querySelectorAll(":scope > [data-fit]")].map((card) => {
      const found = verdict(card, want);
      card.dataset.fit = found.fit;
      tell(card.querySelector(":scope > .verdict"), found, !want.any && found.fit === "fits");
      for (const one of found.judged) {
        const same = one.fit === found.fit && one.why.join() === found.why.join();
        tell(one.group?.querySelector(".verdict"), one, same || one.fit === "fits");
      }
      return found;
    });
  }

  // The order changes when somebody chooses, never by itself under their eyes.
  function apply() {
    const found = judgeAll().sort((one, other) => less(one.place, other.place));
    const count = (fit) => found.filter((one) => one.fit === fit).length;
    list.append(...found.map(({ card }) => card));
    return FITS.map(count);
  }

  function choose() {
    history.replaceState(null, "", `#${given()}`);
    const [fits, ask, no] = apply();
    if (said) said.textContent = said.dataset.text.replace("{fits}", fits).replace("{ask}", ask).replace("{no}", no);
  }

  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const one of form.elements) {
      if (one.type === "radio") one.checked = kept.has(one.name) ? kept.get(one.name) === one.value : !one.value;
      else if (one.type === "checkbox") one.checked = kept.getAll(one.name).includes(one.value);
      else if (one.matches("select")) one.value = kept.get(one.name) ?? "";
      if (one.type !== "hidden" && (one.checked || one.matches("select")) && one.value) one.closest("details")?.setAttribute("open", "");
    }
    apply();
  }

  const query = [...new URLSearchParams(location.search)], ours = ([name]) => form.elements[name] && name !== "lang";
  const chosen = query.filter(ours), rest = new URLSearchParams(query.filter((pair) => !ours(pair)));
  if (chosen.length) return location.replace(`${location.pathname}${rest.size ? `?${rest}` : ""}#${new URLSearchParams(chosen)}`);
  form.addEventListener("change", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", recall);
  addEventListener("outreach:news", judgeAll);
  setInterval(judgeAll, 30000); // numbers grow old and doors close without any news
  for (const link of document.querySelectorAll("a[hreflang]")) {
    link.addEventListener("click", () => { link.hash = location.hash; });
  }
  recall();
})();
