// What this browser keeps of a desk, to show it without a connection, goes when somebody signs out.
(() => {
  if (!("caches" in window)) return;
  const forget = () => caches.delete("desk-pages").catch(() => {});
  if (document.querySelector("[data-forgotten]")) forget(); // nobody is signed in here
  document.addEventListener("submit", ({ target }) => target.matches("[data-forgets]") && forget());
})();
