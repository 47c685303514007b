// One site as text: to the phone's own list of ways to send it, or copied. Nobody hears of it.
(() => {
  // What a person sees of it: a number that has grown old meanwhile is "call first" here too.
  const text = (node) => node.innerText.split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter(Boolean).join("\n");

  async function copy(node) {
    try {
      await navigator.clipboard.writeText(text(node));
    } catch { // no clipboard without https: the old way, which leaves the text selected
      getSelection().selectAllChildren(node);
      return document.execCommand("copy");
    }
    return true;
  }

  // The buttons come when somebody opens the text, named for its site.
  document.addEventListener("toggle", ({ target }) => {
    if (!target.matches?.("details.share[open]") || target.querySelector(".acts")) return;
    const acts = document.getElementById("share-acts").content.cloneNode(true);
    const name = target.querySelector("summary .sr");
    for (const button of acts.querySelectorAll("button")) button.append(name.cloneNode(true));
    acts.querySelector("[data-send]").hidden = !navigator.share;
    target.append(acts);
  }, true);

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-send], [data-copy]"), acts = button?.parentElement;
    if (!button) return;
    const node = acts.parentElement.querySelector(".text"), said = acts.querySelector("[role=status]");
    if ("send" in button.dataset) return navigator.share({ text: text(node) }).catch(() => {});
    said.textContent = "";
    if (await copy(node)) said.textContent = said.dataset.copied;
  });
})();
