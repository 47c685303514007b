// Passkeys: asks the server for its question, the browser for an answer, and sends that as a form.
// The forms are hidden where a browser has no passkeys.

const able = "PublicKeyCredential" in window && "credentials" in navigator;
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function look() {
  if (able) document.querySelectorAll("form[data-passkey]").forEach((form) => (form.hidden = false));
}
look();
document.addEventListener("passkey:look", look);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-passkey]") || form.elements.credential.value) return;
  event.preventDefault();
  answer(form);
});

async function answer(form) {
  const wrong = form.querySelector("[role=alert]");
  wrong.hidden = true;
  try {
    const headers = { "X-CSRFToken": form.elements.csrf_token.value };
    const asked = await fetch(form.dataset.question, { method: "POST", headers });
    if (!asked.ok) throw new Error(String(asked.status));
    const publicKey = read(await asked.json());
    const found = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.elements.credential.value = JSON.stringify(written(found));
    form.requestSubmit();
  } catch {
    wrong.hidden = false;
  }
}

function read(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const one of [...(options.excludeCredentials ?? []), ...(options.allowCredentials ?? [])]) one.id = bytes(one.id);
  return options;
}

function written(found) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (found.response[name]) response[name] = text(found.response[name]);
  }
  const { id, type } = found;
  return { id, rawId: text(found.rawId), type, response, clientExtensionResults: found.getClientExtensionResults() };
}

// Back from the next page: ask anew instead of sending the same answer.
addEventListener("pageshow", () => document.querySelectorAll("form[data-passkey]").forEach((form) => (form.elements.credential.value = "")));
