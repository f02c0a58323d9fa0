// The engines: a worker with the networks on the CPU, and one on the GPU where there is one and it is faster.

import { address } from "./manifest.js";

/** The size of the frames that are timed. */
const TIMED = [320, 240];
/** More threads than this make small frames no faster. */
const MOST_THREADS = 4;

/** A worker that answers requests by promises. */
class Client {
  constructor(kind) {
    this.kind = kind;
    this.waiting = new Map();
    this.count = 0;
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => {
      const { done, fail } = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.error) fail(new Error(data.error));
      else done(data);
    };
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.stop(event.message || "the worker could not be loaded");
    };
  }

  /** @returns {Promise<any>} */
  ask(kind, request = {}, transfer = []) {
    if (this.ended) return Promise.reject(new Error(this.ended));
    return new Promise((done, fail) => {
      const id = ++this.count;
      this.waiting.set(id, { done, fail });
      this.worker.postMessage({ ...request, kind, id }, transfer);
    });
  }

  /** End it; what was asked fails with `reason`. */
  stop(reason = "the engine was stopped") {
    this.ended = reason;
    this.worker.terminate();
    for (const { fail } of this.waiting.values()) fail(new Error(reason));
    this.waiting.clear();
  }
}

export class Engine {
  /**
   * @param {Awaited<ReturnType<typeof import("./manifest.js").load>>} manifest
   * @param {{wanted?: string, threads?: number}} options `wanted`: "auto", "wasm" or "webgpu"
   */
  constructor(manifest, { wanted = "auto", threads } = {}) {
    this.files = {
      predictor: address(manifest.predictor),
      style_side: manifest.predictor.style_side,
      models: Object.fromEntries(
        Object.values(manifest.models).map((model) => [
          model.name,
          {
            head: address(model.head),
            transformer: address(model.transformer),
            web: address(model.transformer_web),
            border: { margin: model.transformer_web.margin, multiple: model.transformer_web.multiple },
          },
        ]),
      ),
    };
    this.wanted = wanted;
    const cores = navigator.hardwareConcurrency || 1;
    this.threads = self.crossOriginIsolated ? threads || Math.min(cores, MOST_THREADS) : 1;
    /** Milliseconds of a timed frame, by engine. */
    this.times = {};
    /** Called when the engine that paints has changed. */
    this.onchange = () => {};
  }

  /** Start on the CPU, which every browser has; then look for something faster. */
  async start() {
    this.stop();
    const cpu = (this.cpu = new Client("wasm"));
    await cpu.ask("start", { engine: "wasm", threads: this.threads, files: this.files });
    if (this.wanted !== "webgpu") await this.time(cpu);
    this.onchange();
    this.searched = this.wanted === "wasm" ? Promise.resolve() : this.tryGpu(cpu).catch((error) => this.dropGpu(error));
  }

  /** Let the networks and their memory go. */
  stop() {
    this.cpu?.stop();
    this.gpu?.stop();
    this.cpu = this.gpu = undefined;
  }

  /** "wasm" or "webgpu": what paints. */
  get name() {
    return this.gpu ? "webgpu" : "wasm";
  }

  async time(client) {
    const [width, height] = TIMED;
    this.times[client.kind] = (await client.ask("time", { model: "live", width, height })).ms;
  }

  async tryGpu(cpu) {
    const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
    const isSlow = adapter?.info?.isFallbackAdapter ?? adapter?.isFallbackAdapter;
    if (!adapter || (isSlow && this.wanted === "auto")) return;
    const gpu = new Client("webgpu");
    try {
      await gpu.ask("start", { engine: "webgpu", threads: 1, files: this.files });
      await this.time(gpu);
    } catch (error) {
      gpu.stop();
      throw error;
    }
    const isFaster = this.times.webgpu < this.times.wasm || this.wanted === "webgpu";
    if (isFaster && this.cpu === cpu) {
      this.gpu = gpu;
      this.onchange();
    } else gpu.stop();
  }

  /** Go on without the GPU; `error` says why. */
  dropGpu(error) {
    this.gpuError = error?.message;
    this.gpu?.stop();
    this.gpu = undefined;
    this.onchange();
  }

  /**
   * Paint RGBA pixels, which are given away.
   * @param {{model: string, values: Float32Array, pixels: ArrayBuffer, width: number, height: number, strength: number, keep: boolean}} request
   * @returns {Promise<{pixels: ArrayBuffer, width: number, height: number, ms: number}>}
   */
  async paint(request) {
    const gpu = this.gpu;
    if (!gpu) return this.cpu.ask("paint", request, [request.pixels]);
    const copy = request.pixels.slice(0);
    try {
      return await gpu.ask("paint", request, [request.pixels]);
    } catch (error) {
      // A GPU can be lost at any time: the driver is restarted, or another tab took its memory.
      if (!this.cpu) throw error;
      this.dropGpu(error);
      return this.cpu.ask("paint", { ...request, pixels: copy }, [copy]);
    }
  }

  /** The embedding of RGBA pixels, which are given away. */
  async embed({ data, width, height }, side) {
    const { values } = await this.cpu.ask("embed", { pixels: data.buffer, width, height, side }, [data.buffer]);
    return values;
  }
}
