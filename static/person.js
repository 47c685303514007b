// Tapping in at a desk's device, without loading the page: names, the PIN's pad, lock, end of a shift.
// Says "desk:person" to the document when who is there may have changed: then what waited can go out.

const hand = document.getElementById("hand");
const pad = document.getElementById("pad");
const lost = document.getElementById("hand-lost");
let busy = false;

document.addEventListener("submit", (event) => {
  if (event.target !== hand && !event.target.matches("[data-hand]")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

async function send(form, button) {
  if (busy) return;
  busy = true;
  lost.hidden = true;
  const action = button?.getAttribute("formaction") ?? form.action;
  const body = new URLSearchParams(new FormData(form, button));
  try {
    const signal = AbortSignal.timeout(15000);
    const answer = await fetch(action, { method: "POST", body, headers: { "HX-Request": "true" }, signal });
    const elsewhere = answer.headers.get("HX-Redirect");
    if (elsewhere) return location.assign(elsewhere);
    if (answer.status >= 500) throw new Error(String(answer.status));
    show(await answer.text());
    if (answer.ok && !pad.querySelector("form")) went(form);
  } catch {
    lost.hidden = false;
  } finally {
    busy = false;
  }
}

// A page that was on its way when somebody had to tap in first is where they go now.
function went(form) {
  const wanted = form.elements.next?.value;
  if (wanted && new URL(wanted, location).pathname !== location.pathname) return location.assign(wanted);
  document.dispatchEvent(new CustomEvent("desk:person"));
  document.getElementById("at-desk")?.focus({ preventScroll: true });
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of page.querySelectorAll("hx-partial")) {
    const target = document.querySelector(part.getAttribute("hx-target"));
    if (part.getAttribute("hx-swap") === "outerHTML") target.replaceWith(...part.childNodes);
    else target.replaceChildren(...part.childNodes);
  }
  ready();
}

// The pad: big keys, and it sends itself with the sixth digit.

function ready() {
  const keys = pad.querySelector(".keys");
  if (keys) keys.hidden = false;
  const field = pad.querySelector("#pin");
  if (field && matchMedia("(pointer: coarse)").matches) field.inputMode = "none";
  (field ?? pad.querySelector("[data-passkey] button"))?.focus({ preventScroll: true });
  pad.firstElementChild?.scrollIntoView({ block: "nearest" });
  document.dispatchEvent(new CustomEvent("passkey:look"));
}

pad?.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (event.target.closest("[data-put-away]")) {
    event.preventDefault();
    pad.replaceChildren();
    document.getElementById("at-desk")?.focus();
  }
  if (!key) return;
  const field = pad.querySelector("#pin");
  field.value = key === "back" ? field.value.slice(0, -1) : (field.value + key).slice(0, 6);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
pad?.addEventListener("input", (event) => {
  if (event.target.id === "pin" && event.target.value.length === 6) event.target.form.requestSubmit();
});

// Something was sent that nobody here may send: the names are what it waits for.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx?.response?.status !== 401) return;
  document.getElementById("person").scrollIntoView({ block: "center" });
  document.querySelector("#person .button")?.focus({ preventScroll: true });
});

if (hand) ready();
