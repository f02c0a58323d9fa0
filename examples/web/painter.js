// The loop: the newest frame of the source in, a painted frame on the canvas out. One frame is painted at a time; frames that come
// meanwhile are left out. A photo is painted small while the style moves, and whole when it rests.

import { pixelsOf } from "./decode.js";
import { brushed, fit, Rate } from "./rate.js";

/** The rate that moving pictures are to keep. */
const FPS = 15;
/** Seconds of rest before a photo is painted whole. */
const REST = 0.2;
/** Seconds between two readings of moving content, for strengths below 1, and the time constant of their smoothing. */
const [READ_EVERY, READ_TAU] = [2, 0.4];
const READ_SIDE = 256;
/** The most pixels that are painted in one piece: `fine` takes about 270 bytes for each. */
const MOST_PIXELS = (navigator.deviceMemory ?? 4) > 4 ? 4e6 : 2e6;

const canvasOf = () => document.createElement("canvas");
const seconds = () => performance.now() / 1000;

export class Painter {
  /**
   * @param {import("./engine.js").Engine} engine @param {HTMLCanvasElement} canvas
   * @param {import("./mix.js").Mix} mix @param {import("./manifest.js").Style[]} styles
   */
  constructor(engine, canvas, mix, styles) {
    Object.assign(this, { engine, canvas, mix, styles });
    this.rate = new Rate(FPS);
    /** What the user sets. `network`: "auto" or a model's name. */
    this.settings = { brush: 1, keep: false, split: false, network: "auto", paused: false };
    /** @type {Float32Array | null} the embedding of every photo, where the network reads none */
    this.photo = null;
    /** @type {import("./source.js").Source | null} */
    this.source = null;
    this.grab = canvasOf();
    this.scratch = canvasOf();
    /** The canvas keeps its size, for a recording. */
    this.locked = false;
    this.mostPixels = MOST_PIXELS;
    this.frames = [];
    /** Called with the figures of each frame, and with errors. */
    this.onframe = () => {};
    this.onerror = () => {};
    /** Called before a photo is painted whole, which may take seconds. */
    this.onwhole = () => {};
    this.touch();
  }

  /** Something was changed: paint anew. */
  touch() {
    this.dirty = true;
    this.isWhole = false;
    this.touched = seconds();
  }

  /** Embeddings are those of another network from here on. @param {Float32Array | null} photo see `photo` */
  setPhoto(photo) {
    this.photo = photo;
    this.forget();
  }

  /** What was read of the content is of no use any more. */
  forget() {
    this.content = this.smooth = null;
    this.contentRead = -Infinity;
    this.touch();
  }

  /** @param {import("./source.js").Source} source */
  setSource(source) {
    this.source?.close();
    this.source = source;
    this.forget();
    this.frames = [];
    if (source.video) this.watch(source);
  }

  /** Note each new frame of a video. */
  watch(source) {
    const { video } = source;
    this.isFresh = true;
    if (!video.requestVideoFrameCallback) return;
    const next = () => {
      if (this.source !== source) return;
      this.isFresh = true;
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }

  /** Paint for as long as the page is there. */
  async run() {
    for (;;) {
      if (document.hidden) await once(document, "visibilitychange");
      else if (!(await this.step())) await new Promise(requestAnimationFrame);
    }
  }

  /** Paint a frame if one is due. */
  async step() {
    const { source, mix, engine } = this;
    const moved = mix.moving;
    mix.advance(seconds());
    if (!source?.width || !engine.cpu || this.halted) return false;
    const isMoving = moved || mix.moving || this.dirty;
    if (isMoving) this.touched = seconds();
    const due = source.video ? isMoving || (this.isNew() && !this.settings.paused) : isMoving || this.wantsWhole();
    if (!due) return false;
    const whole = !source.video && !isMoving;
    this.dirty = this.isFresh = false;
    try {
      await this.paint(source, whole);
      this.isWhole = whole && !this.dirty;
    } catch (error) {
      this.onerror(error);
      this.touch();
      return false;
    }
    return true;
  }

  isNew() {
    const { video } = this.source;
    if (video.requestVideoFrameCallback) return this.isFresh;
    const isNew = video.currentTime !== this.lastTime;
    this.lastTime = video.currentTime;
    return isNew;
  }

  wantsWhole() {
    return !this.isWhole && seconds() - this.touched > REST;
  }

  /** The network: photos at rest get the finer one where that takes no longer than some seconds. */
  network(whole, pixels) {
    const { network } = this.settings;
    if (network !== "auto") return network;
    const { engine } = this;
    const estimate = ((engine.times[engine.name] ?? 100) * 4.5 * pixels) / (320 * 240);
    return whole && estimate < 6000 ? "fine" : "live";
  }

  /** The size to paint at. */
  size(source, whole) {
    const [width, height] = brushed(source.width, source.height, this.settings.brush);
    const most = Math.floor(Math.max(width, height) * Math.min(1, Math.sqrt(this.mostPixels / (width * height))));
    const side = whole ? most : Math.min(most, this.rate.side);
    return [...fit(width, height, side), most];
  }

  async paint(source, whole) {
    const began = performance.now();
    const [width, height, most] = this.size(source, whole);
    const model = this.network(whole, width * height);
    if (whole) this.onwhole(width, height);
    const { data } = this.read(source, width, height);
    this.readContent(source);
    const content = this.smoothed();
    const values = this.mix.embedding(this.styles, content);
    const strength = content ? this.mix.strength : 1;
    const side = this.rate.side;
    const request = { model, values, pixels: data.buffer, width, height, strength, keep: this.settings.keep };
    const painted = await this.engine.paint(request);
    if (source !== this.source) return;
    this.show(new ImageData(new Uint8ClampedArray(painted.pixels), width, height));
    const ms = performance.now() - began;
    const now = seconds();
    if (!whole) this.rate.painted(Math.min(side, most), ms, now, most);
    this.frames = this.frames.filter((time) => now - time < 2);
    this.frames.push(now);
    this.onframe({ fps: this.fps(), ms, width, height, model, whole });
  }

  /** Copy the source's newest frame at that size. */
  read(source, width, height) {
    const { grab } = this;
    if (grab.width !== width || grab.height !== height) [grab.width, grab.height] = [width, height];
    const context = grab.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = source.video ? "medium" : "high";
    const across = source.mirror ? -1 : 1;
    context.setTransform(across, 0, 0, 1, source.mirror ? width : 0, 0);
    context.drawImage(source.picture, 0, 0, width, height);
    return pixelsOf(grab);
  }

  show(image) {
    const { canvas, scratch, grab } = this;
    const context = canvas.getContext("2d");
    if (this.locked && (canvas.width !== image.width || canvas.height !== image.height)) {
      [scratch.width, scratch.height] = [image.width, image.height];
      scratch.getContext("2d").putImageData(image, 0, 0);
      context.drawImage(scratch, 0, 0, canvas.width, canvas.height);
    } else {
      if (canvas.width !== image.width || canvas.height !== image.height) [canvas.width, canvas.height] = [image.width, image.height];
      context.putImageData(image, 0, 0);
    }
    if (!this.settings.split) return;
    const half = canvas.width / 2;
    context.drawImage(grab, 0, 0, grab.width / 2, grab.height, 0, 0, half, canvas.height);
    context.fillStyle = "#fff";
    context.fillRect(half - 1, 0, 2, canvas.height);
  }

  /** Have the content's own embedding read, where the strength needs it. */
  readContent(source) {
    const now = seconds();
    const isOld = source.video ? now - this.contentRead > READ_EVERY : this.contentRead < 0;
    if (this.mix.strength === 1 && this.mix.wantedStrength === 1) return;
    if (this.photo) {
      this.content = this.photo;
      return;
    }
    if (!isOld || this.isReading) return;
    this.isReading = true;
    this.contentRead = now;
    const { canvas, side } = source.video ? { canvas: this.grab, side: READ_SIDE } : { canvas: source.picture, side: undefined };
    this.engine
      .embed(pixelsOf(canvas), side)
      .then((values) => {
        if (source !== this.source || this.photo) return;
        this.content = values;
        this.contentTime = seconds();
        if (!source.video) this.touch();
      })
      .catch(this.onerror)
      .finally(() => (this.isReading = false));
  }

  /** The content's embedding, moving evenly from one reading to the next. */
  smoothed() {
    if (!this.content || this.mix.strength === 1) return null;
    const now = seconds();
    if (!this.smooth || !this.source.video) this.smooth = this.content;
    else {
      const share = 1 - Math.exp(-(now - this.smoothTime) / READ_TAU);
      this.smooth = this.smooth.map((value, n) => value + (this.content[n] - value) * share);
    }
    this.smoothTime = now;
    return this.smooth;
  }

  fps() {
    const [first, last] = [this.frames[0], this.frames.at(-1)];
    return this.frames.length > 1 ? (this.frames.length - 1) / (last - first) : 0;
  }

  /** Wait until a photo at rest is painted whole. */
  async finished() {
    while (this.source && !this.source.video && !this.isWhole && !this.halted) await new Promise((done) => setTimeout(done, 50));
  }
}

const once = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));
