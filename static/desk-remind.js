// The reminder comes by itself: the server writes when the next one is due, here is only a clock
// that counts from the server's, and asks for the figures then. The sound is off until somebody
// turns it on, on this device alone.

const remind = document.getElementById("remind");
const turned = document.getElementById("turned");
const sound = document.getElementById("sound");
let told = Number(remind.dataset.now), ticks = performance.now();
const serverNow = () => told + performance.now() - ticks;

const ask = () => document.dispatchEvent(new CustomEvent("desk:refresh"));

let timer = 0;
let known = "";

// What is due, and when the page must look again.
function expect() {
  const bar = document.getElementById("reminder");
  clearTimeout(timer);
  const ahead = Number(bar.dataset.next) - serverNow();
  if (bar.dataset.next) timer = setTimeout(ask, Math.min(Math.max(ahead, 0) + 250, 3600000));
  const due = `${bar.dataset.cause ?? ""} ${bar.dataset.since ?? ""}`;
  if (bar.dataset.cause && due !== known && known !== "") chime();
  known = due;
}

// What is left of a hold or an ask, to the second at the end; then the figures are asked for.
const NB = "\u00a0";
function span(ms) {
  const minutes = Math.ceil(ms / 60000), hours = Math.floor(minutes / 60), rest = minutes % 60;
  if (ms <= 60000) return `${Math.max(0, Math.ceil(ms / 1000))}${NB}s`;
  return [hours && `${hours}${NB}h`, (rest || !hours) && `${rest}${NB}min`].filter(Boolean).join(" ");
}

const over = new Set();
function countDown() {
  const now = serverNow();
  for (const left of desk.querySelectorAll(".left [data-to]")) {
    const text = span(Number(left.dataset.to) - now);
    if (left.textContent !== text) left.textContent = text;
  }
  for (const one of desk.querySelectorAll("li[data-until]")) {
    const end = `${one.id} ${one.dataset.until}`;
    if (Number(one.dataset.until) > now) continue;
    one.hidden = true; // it is over: nobody can tap on it any more
    if (!over.has(end)) ask();
    over.add(end);
  }
}

// "Undo (42 s left)", to the second, and gone when the server would refuse it.
function count() {
  countDown();
  for (const left of turned?.querySelectorAll("[data-until]") ?? []) {
    const seconds = Math.ceil((Number(left.dataset.until) - serverNow()) / 1000);
    left.textContent = left.dataset.text.replace("{}", Math.max(0, seconds));
    if (seconds <= 0) left.closest("button").remove();
  }
}

// Sound

let audio;
const wanted = () => localStorage.getItem("desk-sound") === "on";

function chime() {
  if (!wanted() || !navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  const now = audio.currentTime;
  const tone = new OscillatorNode(audio, { type: "sine", frequency: 523 });
  const soft = new GainNode(audio, { gain: 0 });
  soft.gain.linearRampToValueAtTime(0.08, now + 0.05);
  soft.gain.exponentialRampToValueAtTime(0.0005, now + 0.7);
  tone.connect(soft).connect(audio.destination);
  tone.start(now);
  tone.stop(now + 0.75);
}

function show() {
  sound.setAttribute("aria-pressed", wanted() ? "true" : "false");
}

sound.addEventListener("click", () => {
  localStorage.setItem("desk-sound", wanted() ? "off" : "on");
  show();
  chime();
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.matches(".reasons") && ctx.response?.status < 400) document.getElementById("turn-away").open = false;
});

// Somebody asks for a bed: that rings too, once.
const waiting = () => [...desk.querySelectorAll("#asks li")].map(({ id }) => id);
let asked = new Set(waiting());
new MutationObserver(() => {
  const now = waiting();
  if (now.some((one) => !asked.has(one))) chime();
  asked = new Set(now);
}).observe(document.getElementById("asks").parentElement, { childList: true, subtree: true });

// A page that was kept on the device, or slept, hears the time anew with its figures.
addEventListener("desk:heard", () => {
  const now = Number(document.getElementById("question").dataset.now);
  if (now > told) [told, ticks] = [now, performance.now()];
  expect();
});

new MutationObserver(expect).observe(remind, { childList: true, subtree: true });
setInterval(count, 1000);
sound.hidden = false;
show();
expect();
count();
