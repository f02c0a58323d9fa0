// The keys, in one table, as in the program's live window (src/live/keys.rs): keys in, names of actions out.

/** @type {[string, string, Record<string, string>][]} the keys as shown, what they do, and the actions by `KeyboardEvent.key` */
const TABLE = [
  ["1 .. 9, 0", "glide to that style", Object.fromEntries([..."1234567890"].map((key, n) => [key, `style ${n}`]))],
  ["Left, Right", "glide to the style before, after", { ArrowLeft: "previous", ArrowRight: "next" }],
  ["Space", "tour: one style after the other", { " ": "tour" }],
  ["Up, Down", "more, less of the painting", { ArrowUp: "stronger", ArrowDown: "weaker" }],
  ["hold the mouse", "mix four styles, one per corner", {}],
  ["o", "a new style from a picture", { o: "painting" }],
  ["i", "paint a photo or film", { i: "open" }],
  ["k", "paint the camera", { k: "camera" }],
  ["s", "save the picture", { s: "save" }],
  ["r", "record a clip; again ends it", { r: "record" }],
  ["p", "pause, and go on", { p: "pause" }],
  ["f", "fill the screen", { f: "fullscreen" }],
  ["c", "keep the photo's colours", { c: "keep" }],
  ["v", "split view: photo and painting", { v: "split" }],
  ["m", "mirror", { m: "mirror" }],
  ["[, ]", "paint smaller or larger", { "[": "smaller", "]": "larger" }],
  [", .", "finer, coarser strokes", { ",": "finer", ".": "coarser" }],
  ["h", "hide and show the figures", { h: "figures" }],
  ["?", "show these keys", { "?": "help" }],
];

const ACTIONS = Object.assign({}, ...TABLE.map(([, , actions]) => actions));

/** Keys that an element in focus needs itself. */
function isNeeded(key, element) {
  const kind = element?.tagName;
  if (kind === "SELECT" || (kind === "INPUT" && !["checkbox", "range", "file"].includes(element.type))) return true;
  const presses = key === " " || key === "Enter";
  if (presses) return kind === "BUTTON" || kind === "INPUT" || kind === "SUMMARY";
  return key.startsWith("Arrow") && (element?.type === "range" || element?.getAttribute("role") === "radio");
}

/** @param {(action: string) => void} act @param {() => boolean} isOn whether keys of one letter work */
export function listen(act, isOn) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = ACTIONS[key];
    if (!action || isNeeded(key, event.target) || (key.length === 1 && !isOn())) return;
    if (event.repeat && !/^(stronger|weaker|previous|next)$/.test(action)) return;
    event.preventDefault();
    act(action);
  });
}

/** Fill a table with the keys. */
export function show(table) {
  for (const [keys, does] of TABLE) {
    const row = table.insertRow();
    row.insertCell().textContent = keys;
    row.insertCell().textContent = does;
  }
}
