// The page rings when a bed comes that somebody waits for: once for each rise from none to some.
// What has a bed the server writes; here is only what this page has rung for already. The sound is
// off until somebody turns it on, and this phone is told nothing while the page is closed until
// somebody asks for that.

const watches = document.getElementById("watches");
const bell = document.getElementById("bell");
const ring = document.getElementById("ring");
const seen = document.getElementById("ring-seen");
const sound = document.getElementById("ring-sound");
const phone = document.getElementById("ring-phone");
const form = document.getElementById("phone");
const said = document.getElementById("phone-said");
const title = document.title;
const RUNG = "outreach-rung", SOUND = "outreach-sound", TOLD = "outreach-told"; // forget.js knows them

// What rang is known by watch and bed. A bed that is gone again may ring again, and rings no more.
// A page that is not live tells of no bed: it may have gone since.
const live = () => !["kept", "alone", "out"].includes(document.documentElement.dataset.page);
const kept = JSON.parse(sessionStorage.getItem(RUNG) ?? '{ "rung": {}, "ringing": [] }');
let rung = kept.rung, ringing = new Map(kept.ringing); // what nobody has seen yet: names by bed
const keep = () => sessionStorage.setItem(RUNG, JSON.stringify({ rung, ringing: [...ringing] }));

function look() {
  bell.hidden = !watches.querySelector("[data-watch]");
  if (!live()) return;
  const now = {}, there = new Map(), news = new Map();
  for (const { dataset: { watch, begun } } of watches.querySelectorAll("[data-watch]")) {
    const here = [...watches.querySelectorAll(`[data-watch="${watch}"] [data-bed]`)].map(({ dataset }) => dataset);
    const known = rung[watch] ?? begun.split(" ");
    now[watch] = here.map(({ bed }) => bed);
    for (const { bed, name } of here) {
      there.set(bed, name);
      if (!known.includes(bed)) news.set(bed, name);
    }
  }
  rung = now;
  ringing = new Map([...ringing, ...news].filter(([bed]) => there.has(bed)));
  keep();
  say();
  if (news.size) call();
}

function say() {
  const text = [...ringing.values()].join(", ");
  ring.hidden = seen.hidden = !text;
  if (ring.textContent !== text) ring.textContent = text;
  document.title = text ? `● ${text}` : title;
}

function call() {
  navigator.vibrate?.([200, 100, 200]);
  chime();
}

seen.addEventListener("click", () => {
  ringing.clear();
  keep();
  say();
  watches.tabIndex = -1;
  watches.focus();
});

// Sound

let audio;
const wanted = () => localStorage.getItem(SOUND) === "on";

function chime() {
  if (!wanted() || !navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  for (const [place, pitch] of [659, 784, 1047].entries()) {
    const at = audio.currentTime + place * 0.25;
    const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
    const soft = new GainNode(audio, { gain: 0 });
    soft.gain.setValueAtTime(0, at);
    soft.gain.linearRampToValueAtTime(0.12, at + 0.05);
    soft.gain.exponentialRampToValueAtTime(0.0005, at + 0.6);
    tone.connect(soft).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.65);
  }
}

// The phone

const pushes = "PushManager" in window && "serviceWorker" in navigator && "Notification" in window;

async function worker() {
  const known = await navigator.serviceWorker.getRegistration(location.pathname);
  if (!known) await navigator.serviceWorker.register(form.dataset.worker, { scope: location.pathname });
  return await navigator.serviceWorker.ready;
}

async function send(path, fields) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return await fetch(path, { method: "POST", body, headers: { "HX-Request": "true" } });
}

async function subscribe() {
  const { pushManager } = await worker();
  const key = Uint8Array.from(atob(bell.dataset.pushKey.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  let known = await pushManager.getSubscription();
  const theirs = new Uint8Array(known?.options.applicationServerKey ?? []);
  if (known && theirs.join() !== key.join()) known = void await known.unsubscribe(); // of another key
  known ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = known.toJSON();
  return (await send(form.action, { endpoint, p256dh: keys.p256dh, auth: keys.auth })).ok;
}

async function unsubscribe() {
  const known = await (await worker()).pushManager.getSubscription();
  await known?.unsubscribe();
  return (await send(form.dataset.forget, {})).ok;
}

async function tell(on, asked) {
  if (on && await Notification.requestPermission() !== "granted") return answer(asked && "denied");
  try {
    const done = await (on ? subscribe() : unsubscribe());
    localStorage.setItem(TOLD, on && done ? "on" : "off");
    if (asked || !done) answer(done ? (on ? "on" : "off") : "failed");
  } catch {
    answer(asked && "failed");
  }
  show();
}

function answer(what) {
  said.textContent = what ? said.dataset[what] : "";
}

function show() {
  sound.setAttribute("aria-pressed", wanted() ? "true" : "false");
  phone.setAttribute("aria-pressed", localStorage.getItem(TOLD) === "on" ? "true" : "false");
  phone.hidden = !(pushes && isSecureContext && bell.dataset.pushKey);
}

sound.addEventListener("click", () => {
  localStorage.setItem(SOUND, wanted() ? "off" : "on");
  show();
  chime();
});
phone.addEventListener("click", () => tell(localStorage.getItem(TOLD) !== "on", true));

// The list to wait for: what would fit if it had a bed, by the same words as the server's.

const wait = document.getElementById("wait");
const asked = document.getElementById("asked");
const WORDS = ["who", "pet", "need", "by", "side"];
const NEVER = ["ended", "no-beds"]; // whoever asks

function watchable() {
  const chosen = new FormData(asked), wanted = [...WORDS.flatMap((name) => chosen.getAll(name)), ...NEVER];
  const fits = (one) => !(one?.dataset.no ?? "").split(" ").some((word) => word && wanted.includes(word));
  const inTime = (door) => {
    const ways = [...door.querySelectorAll(".ways [data-way]")];
    return !ways.length || !ways.every(({ dataset }) => "missed" in dataset);
  };
  const would = (one, door = one.closest(".door")) => fits(one) && fits(door) && door.dataset.ended !== "no" && inTime(door);
  return [...document.querySelectorAll("[data-bunk]")].filter((one) => would(one)).map((one) => one.dataset.bunk);
}

wait?.addEventListener("submit", () => (wait.querySelector("[name=beds]").value = watchable().join(" ")));

new MutationObserver(look).observe(watches, { childList: true, subtree: true });
new MutationObserver(look).observe(document.documentElement, { attributeFilter: ["data-page"] });
show();
look();
if (pushes && !bell.hidden && localStorage.getItem(TOLD) === "on" && Notification.permission === "granted") tell(true);
