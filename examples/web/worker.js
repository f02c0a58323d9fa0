// The networks, in a thread of their own: pixels and embeddings in, pixels and embeddings out. One worker has one engine, "wasm" or
// "webgpu", and answers one request at a time.

import { fromPlanes, LEAST_SIDE, mixWithPhoto, padded, toPlanes } from "./pixels.js";
import { fitShort, resize } from "./resize.js";
import { keepColors } from "./colors.js";

/** The files of onnxruntime-web for each engine. The WASM of the WebGPU build is three times as slow, so each has its own. */
const BUNDLES = { wasm: "./ort/ort.wasm.min.mjs", webgpu: "./ort/ort.webgpu.min.mjs" };

let ort;
/** @type {"wasm" | "webgpu"} */
let engine;
/** @type {{predictor: string, style_side: number, models: Record<string, {head: string, transformer: string, web: string, border: import("./pixels.js").Border}>}} */
let files;
/** Opened networks, by name; promises, so that none is opened twice. */
const open = new Map();
/** The input of the transformer, kept from frame to frame. */
let planes = new Float32Array(0);

const requests = {
  /** Load the runtime. */
  async start(request) {
    ({ engine, files } = request);
    ort = await import(BUNDLES[engine]);
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = request.threads;
    ort.env.wasm.wasmPaths = new URL("./ort/", self.location.href).href;
    return {};
  },

  /** Paint a picture. */
  async paint({ model, values, pixels, width, height, strength = 1, keep = false }) {
    const began = performance.now();
    const network = await once(model, openModel);
    const { style_params } = await network.head.run({ bottleneck: new ort.Tensor("float32", values, [1, values.length]) });
    const { border } = files.models[model];
    const [across, down] = [padded(width, border), padded(height, border)];
    const length = 3 * across * down;
    if (planes.length !== length) planes = new Float32Array(length);
    const photo = new Uint8ClampedArray(pixels);
    toPlanes(photo, width, height, planes, border);
    const content = new ort.Tensor("float32", planes, [1, 3, down, across]);
    const { pastiche } = await network.transformer.run({ content, style_params });
    const painted = needsPhoto(strength, keep) ? new Uint8ClampedArray(photo.length) : photo;
    fromPlanes(pastiche.data, width, height, painted, border);
    pastiche.dispose();
    // As in the program: first the strength, then the colours.
    mixWithPhoto(photo, painted, strength);
    if (keep) keepColors(photo, painted);
    return { pixels: painted.buffer, width, height, ms: performance.now() - began };
  },

  /** Read a painting: its embedding. `side`: the short side at which it is read, the manifest's when not given. */
  async embed({ pixels, width, height, side }) {
    const predictor = await once("predictor", async () => session(await bytes(files.predictor), "wasm"));
    const part = fitShort(width, height, side ?? files.style_side);
    const cut = cropped(new Uint8ClampedArray(pixels), width, part);
    const rgb = resize(cut, part.w, part.h, part.toWidth, part.toHeight);
    const style = new ort.Tensor("uint8", rgb, [1, part.toHeight, part.toWidth, 3]);
    const { bottleneck } = await predictor.run({ style });
    return { values: Float32Array.from(bottleneck.data) };
  },

  /** The milliseconds of the best of three frames, after one that is not counted. */
  async time({ model, width, height }) {
    const values = new Float32Array(256);
    const frame = () =>
      requests.paint({ model, values, pixels: new ArrayBuffer(width * height * 4), width, height }).then((done) => done.ms);
    await frame();
    return { ms: Math.min(await frame(), await frame(), await frame()) };
  },
};

const needsPhoto = (strength, keep) => keep || strength < 0.2;

function once(name, make) {
  if (!open.has(name)) open.set(name, make(name).catch((error) => { open.delete(name); throw error; }));
  return open.get(name);
}

async function openModel(name) {
  const model = files.models[name];
  const [head, weights, graph] = await Promise.all([model.head, model.transformer, model.web].map(bytes));
  const externalData = [{ path: "transformer.onnx", data: weights }];
  return { head: await session(head, "wasm"), transformer: await session(graph, engine, { externalData }) };
}

const session = (model, provider, more = {}) =>
  ort.InferenceSession.create(model, { executionProviders: [provider], logSeverityLevel: 3, ...more });

async function bytes(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} is missing (status ${answer.status}). Lay the page out with: node build.mjs`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** The part of a picture that is read. */
function cropped(rgba, width, { x, y, w, h }) {
  if (w === width && h * w * 4 === rgba.length) return rgba;
  const out = new Uint8ClampedArray(w * h * 4);
  for (let row = 0; row < h; row++) {
    const from = ((y + row) * width + x) * 4;
    out.set(rgba.subarray(from, from + w * 4), row * w * 4);
  }
  return out;
}

/** One request after the other: networks are not to be run twice at once. */
let last = Promise.resolve();
self.onmessage = ({ data }) => {
  last = last.then(async () => {
    try {
      if (data.pixels && Math.min(data.width, data.height) < LEAST_SIDE) {
        throw new Error(`the picture has ${data.width}x${data.height} pixels; both sides must have ${LEAST_SIDE} or more`);
      }
      const answer = await requests[data.kind](data);
      self.postMessage({ id: data.id, ...answer }, answer.pixels ? [answer.pixels] : []);
    } catch (error) {
      // The runtime also throws bare numbers, when its memory is exhausted.
      self.postMessage({ id: data.id, error: error?.message || `the runtime stopped (${error}); its memory may be exhausted` });
    }
  });
};
