// The style of each moment: glides, the tour, the pad and the strength, as in the program (src/style/transition.rs and
// src/live/style_animation.rs). Times are given in seconds.

const HOLD_TAU = 0.15;
const ARRIVED = 1e-4;
const MOST_GLIDES = 16;
const GLIDE_SECONDS = 1;
const TOUR_SECONDS = 8;
/** How fast the strength moves, a second. */
const STRENGTH_SPEED = 1;

/** The least-jerk path from 0 to 1. */
const ease = (t) => t * t * t * (10 + t * (6 * t - 15));

export class Mix {
  /** @param {number} styles how many there are */
  constructor(styles) {
    this.strength = this.wantedStrength = 1;
    this.now = 0;
    this.reset(styles);
  }

  /** Begin with so many other styles, the first alone. */
  reset(styles) {
    this.base = Array.from({ length: styles }, (_, n) => (n ? 0 : 1));
    this.weights = [...this.base];
    /** @type {{to: number, began: number, seconds: number}[]} oldest first */
    this.glides = [];
    /** @type {number[] | null} the weights that are moved towards while the pad is held */
    this.held = null;
    this.target = 0;
    this.tourNext = null;
  }

  /** One more style, with weight 0. */
  append() {
    for (const list of [this.base, this.weights, this.held]) list?.push(0);
  }

  /** Glide to that style alone. */
  glideTo(style, seconds = GLIDE_SECONDS) {
    if (style < 0 || style >= this.base.length) return;
    if (this.glides.length === MOST_GLIDES) this.freeze();
    this.target = style;
    this.glides.push({ to: style, began: this.now, seconds });
  }

  /** Glide by so many places, round the list. */
  glideBy(places) {
    const count = this.base.length;
    this.glideTo((((this.target + places) % count) + count) % count);
  }

  /** Move towards weights, as pairs of a style and an amount, until `release`. */
  hold(pairs) {
    this.tour(false);
    const sum = pairs.reduce((all, [, amount]) => all + amount, 0);
    if (!(sum > 0)) return;
    const held = this.base.map(() => 0);
    for (const [style, amount] of pairs) held[style] += amount / sum;
    this.freeze();
    this.held = held;
  }

  /** End of `hold`: the mix stays as it is. */
  release() {
    this.held = null;
  }

  /** One style after the other, or not. */
  tour(on) {
    this.tourNext = on ? this.now + TOUR_SECONDS : null;
  }

  get touring() {
    return this.tourNext !== null;
  }

  /** Whether the style still changes by itself. */
  get moving() {
    return this.glides.length > 0 || this.held !== null || this.strength !== this.wantedStrength;
  }

  /** Go on to `now`. */
  advance(now) {
    const dt = Math.max(0, now - this.now);
    this.now += dt;
    if (this.touring && this.now >= this.tourNext) {
      this.tourNext = this.now + TOUR_SECONDS;
      this.glideBy(1);
    }
    const left = this.wantedStrength - this.strength;
    const most = STRENGTH_SPEED * dt;
    this.strength = Math.abs(left) <= most ? this.wantedStrength : this.strength + Math.sign(left) * most;
    this.follow(dt);
    this.mixGlides();
  }

  follow(dt) {
    if (!this.held) return;
    const share = 1 - Math.exp(-dt / HOLD_TAU);
    let left = 0;
    this.held.forEach((to, n) => {
      this.base[n] += (to - this.base[n]) * share;
      left = Math.max(left, Math.abs(to - this.base[n]));
    });
    if (left < ARRIVED) {
      this.base = this.held;
      this.held = null;
    }
  }

  mixGlides() {
    const time = ({ began, seconds }) => (seconds > 0 ? Math.min(1, (this.now - began) / seconds) : 1);
    const over = this.glides.findLastIndex((glide) => time(glide) >= 1);
    if (over >= 0) {
      this.base.fill(0);
      this.base[this.glides[over].to] = 1;
      this.held = null;
      this.glides.splice(0, over + 1);
    }
    this.weights = [...this.base];
    for (const glide of this.glides) {
      const share = ease(Math.max(0, time(glide)));
      this.weights = this.weights.map((weight, n) => weight * (1 - share) + (n === glide.to ? share : 0));
    }
  }

  freeze() {
    this.base = [...this.weights];
    this.held = null;
    this.glides = [];
  }

  /**
   * The embedding of this moment.
   * @param {{values: Float32Array}[]} styles
   * @param {Float32Array | null} photo the photo's own embedding, for strengths below 1
   */
  embedding(styles, photo) {
    const strength = photo ? this.strength : 1;
    const out = new Float32Array(styles[0].values.length);
    styles.forEach(({ values }, n) => add(out, values, this.weights[n] * strength));
    if (strength < 1) add(out, photo, 1 - strength);
    return out;
  }
}

function add(out, values, weight) {
  if (weight === 0) return;
  for (let n = 0; n < out.length; n++) out[n] += values[n] * weight;
}

/** The weights of the four corners (upper left, upper right, lower left, lower right) at a point, 0..1 each way. */
export const corners = (x, y) => [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];
