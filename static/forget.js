// What this browser keeps of a desk or of the outreach page, to show it without a connection, goes
// when somebody signs out; so does what rang on it, and where it can be told of a bed.
(() => {
  const silence = async () => {
    sessionStorage.removeItem("outreach-rung");
    localStorage.removeItem("outreach-told");
    const worker = await navigator.serviceWorker?.getRegistration("/outreach");
    await (await worker?.pushManager?.getSubscription())?.unsubscribe();
  };
  const forget = () => {
    silence().catch(() => {});
    for (const name of ["desk-pages", "outreach-pages"]) window.caches?.delete(name).catch(() => {});
  };
  if (document.querySelector("[data-forgotten]")) forget(); // nobody is signed in here
  document.addEventListener("submit", ({ target }) => target.matches("[data-forgets]") && forget());
})();
