// Leave this page: the button, or Shift three times. The page is blank at once.
(() => {
  const link = document.querySelector("a[data-exit]");
  const said = document.getElementById("exit-said");
  if (!link) return;
  let presses = 0, alone = false, timer;

  const leave = (event) => {
    event?.preventDefault();
    document.documentElement.classList.add("leaving");
    document.title = link.hostname;
    said.textContent = said.dataset.leaving;
    location.replace(link.href);
  };
  const forget = () => { presses = 0; said.textContent = ""; };

  addEventListener("click", (event) => event.target.closest?.("[data-exit]") && leave(event));
  addEventListener("keydown", (event) => { alone = event.key === "Shift"; });
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return presses && forget();
    clearTimeout(timer);
    timer = setTimeout(forget, 5000);
    presses += 1;
    if (presses === 3) return leave();
    said.textContent = said.dataset[presses === 1 ? "two" : "one"];
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
