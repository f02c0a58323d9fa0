// Keys, as in the window; and the beginning, as this file is the last.
"use strict";

const keys = {
  ArrowLeft: () => $("previous").click(),
  ArrowRight: () => $("next").click(),
  ArrowUp: () => step("strength", 10),
  ArrowDown: () => step("strength", -10),
  ",": () => step("brush", -1),
  ".": () => step("brush", 1),
  " ": () => toggle(switchOf("tour")),
  p: () => toggle(switchOf("pause")),
  m: () => toggle(switchOf("mirror")),
  t: () => toggle(switchOf("steady")),
  b: () => toggle(switchOf("background-only")),
  s: () => $("save").click(),
  r: () => $("record").click(),
  x: () => $("tap").click(),
  o: () => $("painting").click(),
  f: () => $("fullscreen").click(),
  c: () => {
    const select = $("colors");
    select.selectedIndex = (select.selectedIndex + 1) % select.length;
    select.onchange();
  },
};

addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && key.length === 1) return;
  const types = target.closest("input:not([type=range]), select, textarea");
  const moves = target.matches("input[type=range], #strip *") && key.startsWith("Arrow");
  const presses = target.closest("button, a, summary, label") && key === " ";
  if (types || moves || presses) return;
  const digit = "1234567890".indexOf(key);
  const act = digit >= 0 && digit < (status?.styles.length ?? 0) ? () => send({ do: "glide-to", style: digit }) : keys[key];
  if (!act) return;
  event.preventDefault();
  act();
});

connect();
