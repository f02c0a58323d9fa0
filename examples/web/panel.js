// The controls beside the picture: they change the mix and the painter's settings, and show what keys have changed.

import { corners } from "./mix.js";

const $ = (id) => document.getElementById(id);

export class Panel {
  /** @param {import("./mix.js").Mix} mix @param {import("./painter.js").Painter} painter @param {import("./manifest.js").Style[]} styles */
  constructor(mix, painter, styles) {
    Object.assign(this, { mix, painter, styles });
    $("strength").oninput = () => this.setStrength($("strength").value / 100);
    $("brush").oninput = () => this.setBrush(2 ** $("brush").value);
    $("keep").onchange = () => this.set("keep", $("keep").checked);
    $("tour").onchange = () => mix.tour($("tour").checked);
    $("size").onchange = () => this.setSize($("size").value);
    for (const axis of ["pad-x", "pad-y"]) $(axis).oninput = () => this.mixAt($("pad-x").value / 100, $("pad-y").value / 100);
    this.padOn($("pad-area"), null);
    this.padOn($("picture"), $("pad-names"));
    if (matchMedia("(max-width: 760px)").matches) $("panel").open = false;
  }

  set(name, value) {
    this.painter.settings[name] = value;
    this.painter.touch();
  }

  setStrength(strength) {
    this.mix.wantedStrength = Math.min(1, Math.max(0, strength));
    $("strength").value = Math.round(this.mix.wantedStrength * 100);
    $("strength-out").value = `${$("strength").value} %`;
    this.painter.touch();
  }

  setBrush(brush) {
    this.set("brush", Math.min(4, Math.max(0.25, brush)));
    $("brush").value = Math.log2(this.painter.settings.brush);
    $("brush-out").value = `${Math.round(this.painter.settings.brush * 100) / 100}×`;
  }

  setSize(size) {
    const { rate } = this.painter;
    if (size === "auto") rate.release();
    else rate.choose(Number(size));
    this.painter.touch();
  }

  /** The styles of the pad's corners: four of the list, beginning with the one that is chosen. */
  corners() {
    const count = this.styles.length;
    return [0, 1, 2, 3].map((n) => ((this.base ?? this.mix.target) + n) % count);
  }

  /** Mix at a point of the pad, 0..1 each way. */
  mixAt(x, y) {
    const styles = this.corners();
    this.mix.hold(corners(x, y).map((weight, n) => [styles[n], weight]));
    this.showPoint(x, y);
    $("tour").checked = false;
  }

  showPoint(x, y) {
    const inside = (share) => `calc(11px + ${share} * (100% - 22px))`;
    Object.assign($("pad-dot").style, { left: inside(x), top: inside(y) });
    $("pad-x").value = x * 100;
    $("pad-y").value = y * 100;
  }

  /** Make an element a pad while the pointer is held on it. */
  padOn(element, names) {
    const move = (event) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const share = (at, from, length) => Math.min(1, Math.max(0, (at - from) / length));
      this.mixAt(share(event.clientX, left, width), share(event.clientY, top, height));
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.base = this.mix.target;
      element.setPointerCapture(event.pointerId);
      if (names) names.hidden = false;
      move(event);
      element.addEventListener("pointermove", move);
    });
    const end = () => {
      element.removeEventListener("pointermove", move);
      this.mix.release();
      this.base = undefined;
      if (names) names.hidden = true;
    };
    for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, end);
  }

  /** Show what changed elsewhere. */
  update() {
    if ($("tour").checked !== this.mix.touring) $("tour").checked = this.mix.touring;
    const titles = this.corners().map((n) => this.styles[n].title);
    const key = titles.join("|");
    if (key === this.shown) return;
    this.shown = key;
    for (const place of [document.querySelectorAll("#pad-area span"), document.querySelectorAll("#pad-names span")]) {
      place.forEach((label, n) => (label.textContent = titles[n]));
    }
    if (!this.mix.held) this.showPoint(0, 0);
  }
}
