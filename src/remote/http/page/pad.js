// The pad: a place on it mixes the four styles of its corners.
"use strict";

let padCorners = "";
let padAt = [0.5, 0.5];
let held = false;

function showPad() {
  const corners = status.pad.map((n) => `${n}/${status.styles[n]}`).join();
  if (corners !== padCorners) {
    padCorners = corners;
    const names = document.querySelectorAll("#pad span");
    document.querySelectorAll("#pad .corner").forEach((image, n) => {
      const style = status.pad[n];
      names[n].textContent = status.styles[style] ?? "";
      image.onload = () => { image.hidden = false; };
      image.onerror = () => { image.hidden = true; };
      image.hidden = !status.thumbnails[style];
      if (status.thumbnails[style]) image.src = thumbnail(style);
    });
  }
  const parts = status.styles.map((name, n) => [name, status.weights[n] ?? 0]).filter(([, weight]) => weight >= 0.005);
  parts.sort((a, b) => b[1] - a[1]);
  $("mix").textContent = parts.map(([name, weight]) => `${name} ${Math.round(weight * 100)} %`).join(", ");
}

function moveTo(x, y) {
  padAt = [x, y].map((n) => Math.min(1, Math.max(0, n)));
  const handle = $("handle");
  handle.hidden = false;
  handle.style.left = `${padAt[0] * 100}%`;
  handle.style.top = `${padAt[1] * 100}%`;
  sendSoon({ do: "pad", x: padAt[0], y: padAt[1] });
}

function letGo() {
  if (!held) return;
  held = false;
  $("handle").hidden = true;
  // After the last place, which may still wait.
  setTimeout(() => { if (!held) send({ do: "keep-mix" }); }, 60);
}

const pad = $("pad");
const place = ({ clientX, clientY }) => {
  const box = pad.getBoundingClientRect();
  moveTo((clientX - box.left) / box.width, (clientY - box.top) / box.height);
};
pad.onpointerdown = (event) => {
  pad.setPointerCapture(event.pointerId);
  held = true;
  place(event);
};
pad.onpointermove = (event) => { if (held) place(event); };
pad.onpointerup = letGo;
pad.onpointercancel = letGo;
pad.onblur = letGo;
pad.onkeydown = (event) => {
  const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  held = true;
  moveTo(padAt[0] + by[0] * 0.05, padAt[1] + by[1] * 0.05);
};
