// The page of the remote control: the session's state comes over a WebSocket and is shown, controls go back. Pictures are
// asked for one by one, so that a slow or hidden page asks less often.
"use strict";

const $ = (id) => document.getElementById(id);
const canvas = $("picture");
const context = canvas.getContext("2d", { alpha: false });

// The token is in a cookie now; in the address it would be seen by whoever looks at the screen.
if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", location.pathname + location.hash);

// For an audience: the picture and nothing else.
const asScreen = () => document.body.classList.toggle("screen", location.hash === "#screen");
addEventListener("hashchange", asScreen);
asScreen();

let socket = null;
let status = null;
let retry = 500;

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

// At most one message of a kind in 40 ms, and always the last one.
const waiting = new Map();
function sendSoon(message) {
  const kind = message.do;
  if (waiting.has(kind)) {
    waiting.set(kind, message);
    return;
  }
  send(message);
  waiting.set(kind, null);
  setTimeout(() => {
    const last = waiting.get(kind);
    waiting.delete(kind);
    if (last) sendSoon(last);
  }, 40);
}

function connect() {
  socket = new WebSocket(`ws://${location.host}/ws`);
  socket.binaryType = "blob";
  socket.onopen = () => {
    retry = 500;
    connected(true, "connected");
    askForPicture();
  };
  socket.onmessage = ({ data }) => {
    if (data instanceof Blob) return picture(data);
    const message = JSON.parse(data);
    if (message.error) tell(message.error, true);
    else show(message);
  };
  socket.onclose = ({ reason }) => {
    connected(false, reason || "not connected");
    setTimeout(connect, retry);
    retry = Math.min(retry * 2, 5000);
  };
}

function connected(on, text) {
  $("connection").textContent = text;
  $("connection").className = on ? "on" : "off";
}

// --- the picture

let newest = null;
let drawing = false;

function askForPicture() {
  send({ picture: !document.hidden });
}

async function picture(blob) {
  // The next one travels while this one is decoded.
  askForPicture();
  newest = blob;
  if (drawing) return;
  drawing = true;
  try {
    while (newest) {
      const next = newest;
      newest = null;
      const bitmap = await createImageBitmap(next);
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
        canvas.width = bitmap.width;
        canvas.height = bitmap.height;
      }
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      $("waiting").hidden = true;
    }
  } catch (error) {
    tell(`the picture cannot be decoded: ${error.message}`, true);
  } finally {
    drawing = false;
  }
}

document.addEventListener("visibilitychange", askForPicture);

// --- the state

let shownVersion = 0;
let shownNotices = null;
let noticeTimer = 0;
let recordingSince = 0;

function show(next) {
  status = next;
  if (status.styles_version !== shownVersion) showStyles();
  status.styles.forEach((name, n) => {
    const card = $("strip").children[n];
    const pressed = String(n === status.target);
    if (card.getAttribute("aria-pressed") !== pressed) {
      card.setAttribute("aria-pressed", pressed);
      if (pressed === "true") bringIntoView(card);
    }
    card.lastElementChild.style.transform = `scaleX(${status.weights[n] ?? 0})`;
  });
  showRange("strength", Math.round(status.strength * 100));
  showRange("brush", Math.log2(status.brush) * 2);
  showRange("glide", status.glide);
  for (const button of document.querySelectorAll("[data-do]")) {
    button.setAttribute("aria-pressed", String(status[button.dataset.state]));
  }
  if (document.activeElement !== $("colors")) $("colors").value = status.keep_colors;
  showTempo();
  showRecording();
  showPad();
  const [width, height] = status.size;
  const figures = [`${status.fps.toFixed(0)} fps`, `${status.latency_ms.toFixed(0)} ms`];
  if (innerWidth > 500) figures.push(`${width}\u00d7${height}`);
  $("figures").textContent = status.frames === 0 ? "" : figures.join(" \u00b7 ");
  if (shownNotices !== null && status.notices !== shownNotices && status.notice) tell(status.notice, status.notice_is_error);
  shownNotices = status.notices;
}

function showStyles() {
  shownVersion = status.styles_version;
  const strip = $("strip");
  while (strip.children.length > status.styles.length) strip.lastElementChild.remove();
  status.styles.forEach((name, n) => {
    const card = strip.children[n] ?? strip.appendChild(newCard(n));
    const [image, blank, label] = card.children;
    label.textContent = name;
    card.title = name;
    // A style without a picture yet gets one later, with another version.
    image.onload = () => { image.hidden = false; blank.hidden = true; };
    image.onerror = () => { image.hidden = true; blank.hidden = false; };
    if (status.thumbnails[n]) image.src = thumbnail(n);
  });
  padCorners = "";
}

function newCard(n) {
  const card = document.createElement("button");
  card.type = "button";
  card.className = "card";
  const parts = [["img", ""], ["span", "blank"], ["span", "name"], ["i", "weight"]].map(([tag, kind]) => {
    const part = document.createElement(tag);
    part.className = kind;
    return part;
  });
  parts[0].alt = "";
  parts[0].hidden = true;
  card.append(...parts);
  card.onclick = () => send({ do: "glide-to", style: n });
  return card;
}

const thumbnail = (n) => `api/styles/${n}.jpg?v=${status.styles_version}`;

// Not scrollIntoView, which would scroll the page too.
function bringIntoView(card) {
  const strip = $("strip");
  const middle = card.offsetLeft - strip.offsetLeft - (strip.clientWidth - card.clientWidth) / 2;
  strip.scrollTo({ left: middle, behavior: "smooth" });
}

function tell(text, isError) {
  const notice = $("notice");
  notice.textContent = text;
  notice.className = isError ? "error" : "";
  notice.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { notice.hidden = true; }, isError ? 10000 : 4000);
}

// --- sliders

const ranges = {
  strength: { message: (v) => ({ do: "strength", value: v / 100 }), text: (v) => `${Math.round(v)} %` },
  brush: { message: (v) => ({ do: "brush", value: 2 ** (v / 2) }), text: (v) => (2 ** (v / 2)).toFixed(2).replace(/\.?0+$/, "") },
  glide: { message: (v) => ({ do: "glide", seconds: v }), text: (v) => `${Math.round(v * 100) / 100} s` },
};
const touched = {};

function showRange(id, value) {
  // Not while a hand is on it: the session's answer is a little behind.
  if (performance.now() - (touched[id] ?? -9999) < 700) return;
  $(id).value = value;
  label(id, value);
}

function label(id, value) {
  const text = ranges[id].text(value);
  $(`${id}-value`).textContent = text;
  $(id).setAttribute("aria-valuetext", text);
}

for (const id of Object.keys(ranges)) {
  $(id).addEventListener("input", () => {
    touched[id] = performance.now();
    const value = Number($(id).value);
    label(id, value);
    sendSoon(ranges[id].message(value));
  });
}

function step(id, by) {
  const input = $(id);
  input.value = Number(input.value) + by;
  input.dispatchEvent(new Event("input"));
}

// --- switches and actions

function toggle(button) {
  send({ do: button.dataset.do, on: button.getAttribute("aria-pressed") !== "true" });
}

for (const button of document.querySelectorAll("[data-do]")) button.onclick = () => toggle(button);
const switchOf = (what) => document.querySelector(`[data-do="${what}"]`);

$("colors").onchange = () => send({ do: "keep-colors", value: $("colors").value });
$("previous").onclick = () => send({ do: "glide-by", by: -1 });
$("next").onclick = () => send({ do: "glide-by", by: 1 });
$("tap").onclick = () => send({ do: "tap" });
$("tempo").onclick = () => send({ do: "tempo", bpm: null });
$("save").onclick = () => send({ do: "save" });
$("record").onclick = () => send({ do: "record", on: !status?.recording });
$("fullscreen").onclick = () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else $("stage").requestFullscreen?.().catch((error) => tell(error.message, true));
};

function showTempo() {
  const button = $("tempo");
  const on = status.tempo !== null;
  button.textContent = on ? `${Math.round(status.tempo)} bpm, end` : "No beat";
  button.setAttribute("aria-pressed", String(on));
  button.disabled = !on;
}

function showRecording() {
  const button = $("record");
  button.setAttribute("aria-pressed", String(status.recording));
  if (!status.recording) recordingSince = 0;
  else recordingSince ||= performance.now();
  const seconds = Math.floor((performance.now() - recordingSince) / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  button.lastElementChild.textContent = status.recording ? `Stop ${time}` : "Record";
}

// --- paintings

async function upload(files) {
  for (const file of files) {
    tell(`sending ${file.name}`, false);
    try {
      const answer = await fetch(`api/painting?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
      if (!answer.ok) tell((await answer.json()).error, true);
    } catch (error) {
      tell(`${file.name}: ${error.message}`, true);
    }
  }
}

$("painting").onchange = async () => {
  await upload($("painting").files);
  $("painting").value = "";
};
addEventListener("paste", ({ clipboardData }) => upload(clipboardData.files));
addEventListener("dragover", (event) => {
  event.preventDefault();
  $("drop").hidden = false;
});
addEventListener("dragleave", ({ relatedTarget }) => { if (!relatedTarget) $("drop").hidden = true; });
addEventListener("drop", (event) => {
  event.preventDefault();
  $("drop").hidden = true;
  upload(event.dataTransfer.files);
});

// --- the address for other programs

fetch("api/address").then((answer) => answer.json()).then(({ stream, page }) => {
  $("stream-address").value = stream;
  $("screen-address").value = `${page}#screen`;
}).catch(() => {});
async function copy(input) {
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    // Without https, browsers have no clipboard for pages of other machines.
    document.execCommand("copy");
  }
  tell("copied", false);
}
for (const button of document.querySelectorAll(".copy button")) button.onclick = () => copy(button.parentElement.querySelector("input"));
