// The size to paint at, so that moving pictures keep a rate: times of frames in, a long side in pixels out. A smaller relative of
// src/live/rate_control.rs.

const STEPS = [192, 224, 256, 288, 320, 352, 384, 448, 512, 576, 640, 768, 896, 1024, 1280];
const FIRST = 320;
/** The least that is chosen by itself: below, a lower rate is the lesser evil. */
const LEAST = 256;
/** Frames at a new size that are not counted: the runtime allocates for it. */
const WARM_UP = 2;
const REMEMBERED = 7;
/** As shares of the time of one frame. */
const [MISSED, ROOMY] = [1.1, 0.75];
/** Seconds of room before it climbs, and after a climb that failed. */
const [ROOMY_FOR, WAIT] = [2, 20];

export class Rate {
  /** @param {number} fps the rate to hold */
  constructor(fps) {
    this.budget = 1000 / fps;
    this.at = STEPS.indexOf(FIRST);
    /** Chosen by hand: the rate is not held. */
    this.fixed = false;
    this.forget(0);
    this.failedUntil = 0;
    this.wait = WAIT;
  }

  /** The long side. */
  get side() {
    return STEPS[this.at];
  }

  /** One step larger or smaller, by hand. */
  step(by) {
    this.fixed = true;
    this.at = Math.min(STEPS.length - 1, Math.max(0, this.at + by));
  }

  /** That long side, by hand: one of the steps. */
  choose(side) {
    this.fixed = true;
    this.at = Math.max(0, STEPS.indexOf(side));
  }

  /** Hold the rate again. */
  release() {
    this.fixed = false;
    this.forget(0);
  }

  forget(now) {
    this.frames = [];
    this.ignore = WARM_UP;
    this.since = now;
  }

  /** A frame of that long side took `ms`; `most` is the largest side that the source has. */
  painted(side, ms, now, most) {
    if (this.fixed || side !== Math.min(this.side, most)) return;
    if (this.ignore > 0) return void this.ignore--;
    this.frames.push(ms);
    if (this.frames.length > REMEMBERED) this.frames.shift();
    if (this.frames.length < 3) return;
    const load = [...this.frames].sort((a, b) => a - b)[this.frames.length >> 1] / this.budget;
    if (load > MISSED && this.side > LEAST) {
      const wanted = this.side * Math.sqrt(0.9 / load);
      if (this.climbed && now - this.climbed < 10) {
        this.failedUntil = now + this.wait;
        this.wait *= 2;
      }
      this.at = STEPS.findLastIndex((step) => step <= Math.max(LEAST, wanted));
      this.forget(now);
    } else if (this.side < most && this.at < STEPS.length - 1) {
      const next = load * (STEPS[this.at + 1] / this.side) ** 2;
      if (next > ROOMY) this.since = now;
      else if (now - this.since > ROOMY_FOR && now > this.failedUntil) {
        this.at++;
        this.climbed = now;
        this.forget(now);
      }
    }
  }
}

/** `width` x `height` with a long side of at most `side`, in its proportions, and no side below 16 where it has them. */
export function fit(width, height, side) {
  const long = Math.max(width, height);
  if (side >= long) return [width, height];
  const scaled = (n) => Math.min(n, Math.max(16, Math.round((n * side) / long)));
  return [scaled(width), scaled(height)];
}

/** The size at which the program paints with a brush (src/engine/brush.rs): 1 up to 1200 pixels, larger strokes above. */
export function brushed(width, height, brush) {
  const auto = Math.min(4, Math.max(1, Math.max(width, height) / 1200));
  const most = Math.max(1, Math.min(width, height) / 16);
  const by = Math.min(brush * auto, most);
  const scaled = (n) => Math.max(Math.min(16, n), Math.round(n / by));
  return [scaled(width), scaled(height)];
}
