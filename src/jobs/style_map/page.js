"use strict";
const $ = id => document.getElementById(id);
const stage = $("stage"), world = $("world"), panel = $("panel"), query = $("query");
const hint = panel.innerHTML;
const methods = [...document.querySelectorAll("#methods button")];
const styles = [...document.querySelectorAll(".style")].map((element, index) => ({
  element, index, name: element.dataset.name, caption: element.dataset.caption,
  places: JSON.parse(element.dataset.places), near: JSON.parse(element.dataset.near),
  text: (element.dataset.name + " " + element.dataset.caption + " " + (element.dataset.painter || "")).toLowerCase(),
}));
const lines = [...document.querySelectorAll("#lines line")].map(element => ({
  element, a: Number(element.dataset.a), b: Number(element.dataset.b),
}));
let plane = 0, scale = 1, left = 0, top_ = 0, chosen = null, fitted = true;

// The view.
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
function show() {
  world.style.transform = `translate(${left}px,${top_}px) scale(${scale})`;
  world.classList.toggle("far", scale < 0.42);
}
function fit() {
  const [width, height] = JSON.parse(methods[plane].dataset.size);
  // The panel must not cover a style: it stands below on a phone, else beside.
  const phone = innerWidth <= 640;
  const room = stage.clientHeight - (phone ? Math.min(panel.offsetHeight, stage.clientHeight / 2) : 0);
  const across = stage.clientWidth - (phone ? 0 : panel.offsetWidth + 16);
  scale = clamp(Math.min(across / width, room / height) * 0.97, 0.02, 1.6);
  left = (across - width * scale) / 2;
  top_ = (room - height * scale) / 2;
  fitted = true;
  show();
}
function zoom(by, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const next = clamp(scale * by, 0.02, 8);
  left = x - (x - left) * next / scale;
  top_ = y - (y - top_) * next / scale;
  scale = next;
  fitted = false;
  show();
}
function pan(dx, dy) {
  left += dx;
  top_ += dy;
  fitted = false;
  show();
}
function layout() {
  for (const { element, places } of styles) {
    const [x, y] = places[plane];
    element.style.transform = `translate(${x}px,${y}px)`;
  }
  for (const { element, a, b } of lines) {
    const [from, to] = [styles[a].places[plane], styles[b].places[plane]];
    element.setAttribute("x1", from[0]);
    element.setAttribute("y1", from[1] - 12);
    element.setAttribute("x2", to[0]);
    element.setAttribute("y2", to[1] - 12);
  }
  methods.forEach((button, k) => button.setAttribute("aria-pressed", k === plane));
}
// Brings a style into view where the keyboard has gone outside of it.
function reveal(style) {
  const [x, y] = style.places[plane];
  const [px, py] = [x * scale + left, y * scale + top_];
  const edge = 70 * Math.min(scale, 1);
  const dx = clamp(px, edge, stage.clientWidth - edge) - px;
  const dy = clamp(py, edge, stage.clientHeight - edge) - py;
  if (dx || dy) pan(dx, dy);
}

// The style that is pointed at or has the focus.
function choose(style) {
  if (style === chosen) return;
  chosen = style;
  const near = new Map(style ? style.near : []);
  for (const other of styles) {
    other.element.classList.toggle("on", other === style);
    other.element.classList.toggle("near", near.has(other.index));
  }
  for (const { element, a, b } of lines) {
    element.classList.toggle("on", style !== null && (a === style.index || b === style.index));
  }
  if (!style) {
    panel.innerHTML = hint;
    return;
  }
  const add = (parent, tag, text, kind) => {
    const element = parent.appendChild(document.createElement(tag));
    if (text) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };
  panel.textContent = "";
  add(panel, "h2", style.name);
  if (style.caption) add(panel, "p", style.caption, "caption");
  const list = add(panel, "ol");
  for (const [index, distance] of style.near) {
    const button = add(add(list, "li"), "button");
    button.type = "button";
    add(button, "span", styles[index].name);
    add(button, "span", distance.toFixed(2));
    button.addEventListener("click", () => styles[index].element.focus());
  }
}
for (const style of styles) {
  style.element.addEventListener("focus", () => { choose(style); reveal(style); });
  style.element.addEventListener("pointerenter", event => {
    if (event.pointerType === "mouse" && !stage.classList.contains("drag")) choose(style);
  });
}

// Search.
function search() {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = styles.filter(style => words.every(word => style.text.includes(word)));
  const hit = new Set(found);
  for (const style of styles) style.element.classList.toggle("dim", !hit.has(style));
  $("found").textContent = words.length ? `${found.length} found` : "";
  return found;
}
query.addEventListener("input", search);
query.addEventListener("keydown", event => {
  if (event.key === "Enter" && search().length) search()[0].element.focus();
  if (event.key === "Escape") { query.value = ""; search(); stage.focus(); }
});

// Mouse, pen and fingers.
const down = new Map();
stage.addEventListener("pointerdown", event => {
  down.set(event.pointerId, [event.clientX, event.clientY]);
});
addEventListener("pointermove", event => {
  const before = down.get(event.pointerId);
  if (!before) return;
  const now = [event.clientX, event.clientY];
  const others = [...down.entries()].filter(([id]) => id !== event.pointerId).map(entry => entry[1]);
  if (others.length === 0) {
    // A click that trembles is no drag.
    if (!stage.classList.contains("drag") && Math.hypot(now[0] - before[0], now[1] - before[1]) < 4) return;
    stage.classList.add("drag");
    pan(now[0] - before[0], now[1] - before[1]);
  } else {
    const other = others[0], box = stage.getBoundingClientRect();
    const apart = at => Math.max(Math.hypot(at[0] - other[0], at[1] - other[1]), 1);
    stage.classList.add("drag");
    pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    zoom(apart(now) / apart(before), (now[0] + other[0]) / 2 - box.left, (now[1] + other[1]) / 2 - box.top);
  }
  down.set(event.pointerId, now);
});
for (const kind of ["pointerup", "pointercancel"]) {
  addEventListener(kind, event => {
    down.delete(event.pointerId);
    if (down.size === 0) setTimeout(() => stage.classList.remove("drag"), 0);
  });
}
stage.addEventListener("click", event => {
  if (stage.classList.contains("drag")) return;
  const element = event.target.closest(".style");
  choose(element ? styles[Number(element.id.slice(1))] : null);
});
stage.addEventListener("dragstart", event => event.preventDefault());
stage.addEventListener("wheel", event => {
  event.preventDefault();
  const box = stage.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX - box.left, event.clientY - box.top);
}, { passive: false });
// A focused style must not scroll the stage; the view is moved instead.
stage.addEventListener("scroll", () => { stage.scrollLeft = 0; stage.scrollTop = 0; });

// Keys.
const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function beside(style, [dx, dy]) {
  const [x, y] = style.places[plane];
  let best = null, least = Infinity;
  for (const other of styles) {
    const [ox, oy] = other.places[plane];
    const along = (ox - x) * dx + (oy - y) * dy;
    const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    // Far to the side is farther than far ahead.
    if (other !== style && along > 1 && along + 2 * aside < least) [best, least] = [other, along + 2 * aside];
  }
  return best;
}
addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target === query) return;
  const way = ways[event.key];
  const here = styles.find(style => style.element === document.activeElement);
  if (way && here) {
    const next = beside(here, way);
    if (next) next.element.focus({ preventScroll: true });
  } else if (way && document.activeElement === stage) {
    pan(-80 * way[0], -80 * way[1]);
  } else if (event.key === "+" || event.key === "=") {
    zoom(1.3);
  } else if (event.key === "-") {
    zoom(1 / 1.3);
  } else if (event.key === "0") {
    fit();
  } else if (event.key === "/") {
    query.focus();
  } else if (event.key === "Escape") {
    choose(null);
    stage.focus();
  } else {
    return;
  }
  event.preventDefault();
});

// Buttons.
$("in").addEventListener("click", () => zoom(1.3));
$("out").addEventListener("click", () => zoom(1 / 1.3));
$("fit").addEventListener("click", fit);
methods.forEach((button, k) => button.addEventListener("click", () => {
  plane = k;
  world.classList.add("moving");
  layout();
  fit();
}));
addEventListener("resize", () => { if (fitted) fit(); });
layout();
fit();
