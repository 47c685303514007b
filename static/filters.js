// Filters without a request. The server wrote what each site refuses; here cards only change place:
// what does not fit goes to the end, with its reason. The choice stays after # in the address.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const all = (query, from) => [...from.querySelectorAll(query)];
  const asked = () => new URLSearchParams([...new FormData(form)].filter(([name, value]) => name !== "lang" && value));
  let homes = new Map();

  const remember = (board) => {
    homes = new Map(all(".card", board).map((card, order) => [card.id, { home: card.parentElement, order }]));
    board.dataset.kept = ""; // a board sent anew does not have it
  };
  const move = (card, target) => {
    const order = homes.get(card.id)?.order;
    target.insertBefore(card, [...target.children].find((other) => homes.get(other.id)?.order > order) ?? null);
  };
  const apply = () => {
    const board = document.getElementById("board"), wants = [...asked().values()];
    if (!("kept" in board.dataset)) remember(board);
    board.dataset.want = wants.join(" ");
    const end = board.querySelector("[data-part=misfit] .cards");
    for (const card of all(".card", board)) {
      const no = card.dataset.no.split(" "), home = homes.get(card.id)?.home ?? card.parentElement;
      const target = wants.some((want) => no.includes(want)) ? end : home;
      if (card.parentElement !== target) move(card, target);
    }
    for (const part of all("[data-part]", board)) {
      part.hidden = part.dataset.part !== "open" && !part.querySelector(".card");
    }
  };
  const recall = () => {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const input of all("input:not([type=hidden])", form)) {
      input.checked = kept.has(input.name) ? kept.getAll(input.name).includes(input.value) : !input.value;
      if (input.checked && input.value) input.closest("details")?.setAttribute("open", "");
    }
    apply();
  };

  const query = new URLSearchParams(location.search), lang = query.get("lang");
  query.delete("lang");
  if (query.size) return location.replace(`${location.pathname}${lang ? `?lang=${lang}` : ""}#${query}`);
  form.addEventListener("change", () => {
    history.replaceState(null, "", `#${asked()}`);
    apply();
  });
  addEventListener("hashchange", recall);
  addEventListener("board:changed", apply);
  for (const link of all("a[hreflang]", document)) {
    link.addEventListener("click", () => { link.hash = location.hash; });
  }
  recall();
})();
