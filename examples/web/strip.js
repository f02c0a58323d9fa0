// The strip of style cards: a group of radio buttons, each with a picture, and a card to add a painting.

import { decode, pixelsOf, thumbnail } from "./decode.js";

/** The long side at which a painting is read; the worker reduces it further, as the program does. */
const MOST_PAINTING = 2048;
/** Styles that can be added: each is a card and an embedding. */
const MOST_STYLES = 200;

export class Strip {
  /**
   * @param {HTMLElement} box @param {import("./manifest.js").Style[]} styles
   * @param {import("./mix.js").Mix} mix @param {import("./engine.js").Engine} engine
   * @param {{choose: (index: number) => void, add: () => void}} on
   */
  constructor(box, styles, mix, engine, on) {
    Object.assign(this, { box, styles, mix, engine, on, cards: [] });
    this.addCard = document.createElement("button");
    this.addCard.className = "card add";
    this.addCard.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5v14M5 12h14"/></svg><span>Add a painting</span>';
    this.addCard.setAttribute("aria-label", "Add a painting");
    this.addCard.onclick = () => on.add();
    box.append(this.addCard);
    box.addEventListener("keydown", (event) => this.move(event));
    this.reset();
  }

  /** Show the styles anew, after others have taken their places. */
  reset() {
    for (const card of this.cards) card.remove();
    this.cards = [];
    this.styles.forEach((style) => this.makeCard(style));
    this.update();
  }

  makeCard(style) {
    const index = this.cards.length;
    const card = document.createElement("button");
    card.className = "card";
    card.setAttribute("role", "radio");
    const picture = document.createElement(style.thumbnail ? "img" : "div");
    picture.className = "blank";
    if (style.thumbnail) Object.assign(picture, { src: style.thumbnail, alt: "" });
    const [title, painter] = [document.createElement("b"), document.createElement("small")];
    title.textContent = style.title;
    painter.textContent = style.painter || "your painting";
    card.append(picture, title, painter);
    if (index < 10) {
      const key = document.createElement("kbd");
      key.textContent = (index + 1) % 10;
      key.setAttribute("aria-hidden", "true");
      card.append(key);
    }
    card.onclick = () => this.on.choose(index);
    this.addCard.before(card);
    this.cards.push(card);
  }

  /** Arrow keys move within the group. */
  move(event) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by || event.target.getAttribute("role") !== "radio") return;
    event.preventDefault();
    const next = (this.cards.indexOf(event.target) + by + this.cards.length) % this.cards.length;
    this.on.choose(next);
    this.cards[next].focus();
  }

  /** Show the mix: which style is chosen, and how much there is of each. */
  update() {
    const { target, weights } = this.mix;
    this.cards.forEach((card, n) => {
      const weight = weights[n].toFixed(2);
      if (card.dataset.weight !== weight) {
        card.dataset.weight = weight;
        card.style.setProperty("--weight", weight);
      }
      const checked = String(n === target);
      if (card.getAttribute("aria-checked") !== checked) {
        card.setAttribute("aria-checked", checked);
        card.tabIndex = n === target ? 0 : -1;
        if (n === target) card.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "smooth" });
      }
    });
  }

  /** Paint the cards of the gallery: no painting is bundled, so each shows the same photo in its style. */
  async paintThumbnails(sample, model) {
    const { cards } = this;
    const square = document.createElement("canvas");
    [square.width, square.height] = [160, 120];
    const context = square.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(sample, 0, 0, 160, 120);
    const photo = pixelsOf(square);
    for (const [n, style] of [...this.styles].entries()) {
      if (style.thumbnail) continue;
      const request = { model, values: style.values, pixels: photo.data.slice().buffer, width: 160, height: 120, strength: 1, keep: false };
      const painted = await this.engine.paint(request);
      context.putImageData(new ImageData(new Uint8ClampedArray(painted.pixels), 160, 120), 0, 0);
      style.thumbnail = square.toDataURL("image/jpeg", 0.86);
      if (cards !== this.cards) return; // other styles are shown by now
      cards[n].firstChild.replaceWith(Object.assign(new Image(), { src: style.thumbnail, alt: "", className: "blank" }));
    }
  }

  /** Read a painting and add its card; -> its index. */
  async add(file) {
    if (this.styles.length >= MOST_STYLES) throw new Error(`There are ${MOST_STYLES} styles already. Load the page again to begin anew.`);
    const canvas = await decode(file, MOST_PAINTING);
    const title = (file.name || "painting").replace(/\.[^.]*$/, "");
    const picture = thumbnail(canvas);
    const values = await this.engine.embed(pixelsOf(canvas));
    return this.put({ name: title, title, values, thumbnail: picture });
  }

  put(style) {
    this.styles.push(style);
    this.mix.append();
    this.makeCard(style);
    this.update();
    return this.styles.length - 1;
  }
}
