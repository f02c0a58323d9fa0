// Messages to the user: shown over the picture, and read out by screen readers.

const SHOWN_MS = 6000;

let timer;

/**
 * @param {string} text in plain words, with the remedy where something failed
 * @param {"info" | "error"} kind errors stay until they are closed or another message comes
 */
export function say(text, kind = "info") {
  const box = document.getElementById("notice");
  const words = document.getElementById("notice-text");
  clearTimeout(timer);
  box.dataset.kind = kind;
  box.hidden = false;
  // The same text again is not read out otherwise.
  words.textContent = "";
  requestAnimationFrame(() => (words.textContent = text));
  if (kind === "info") timer = setTimeout(hide, SHOWN_MS);
}

/** Take the message away. */
export function hide() {
  document.getElementById("notice").hidden = true;
}

/** Say what went wrong. */
export const fail = (error) => say(error?.message || String(error), "error");
