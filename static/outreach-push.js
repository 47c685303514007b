// A phone is told while the page is closed. A message says only in which language; the words stand
// in the line that the server puts before this one, and name neither who needs what, nor where.
// Another worker may load this file, so it keeps every name to itself.

(() => {
  const home = "/outreach";

  addEventListener("push", (event) => {
    let lang;
    try { lang = event.data.json().lang; } catch { /* one without a language is told in English */ }
    const known = lang in PUSH_WORDS ? lang : "en";
    const { title, body } = PUSH_WORDS[known];
    event.waitUntil(registration.showNotification(title, { body, lang: known, tag: "beds", renotify: true }));
  });

  addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(show());
  });

  async function show() {
    const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
    const page = pages.find((one) => new URL(one.url).pathname === home);
    return page ? page.focus() : clients.openWindow(home);
  }
})();
