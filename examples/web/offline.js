// The service worker's side in the page: threads where the server does not send the headers for them, and work without a network.

/** The files of the page. What else is needed, models and runtime, is found when it is loaded. */
const FILES = [
  "./", "style.css", "icon.svg", "manifest.webmanifest", "sample.jpg", "main.js", "colors.js", "decode.js", "engine.js", "keys.js",
  "manifest.js", "mix.js", "notice.js", "offline.js", "painter.js", "panel.js", "pixels.js", "rate.js", "record.js", "resize.js",
  "source.js", "strip.js", "worker.js", "models/models.toml", "models/gallery.toml",
];
const RUNTIME = ["ort/ort.wasm.min.mjs", "ort/ort-wasm-simd-threaded.mjs", "ort/ort-wasm-simd-threaded.wasm"];
const GPU_RUNTIME = ["ort/ort.webgpu.min.mjs", "ort/ort-wasm-simd-threaded.asyncify.mjs", "ort/ort-wasm-simd-threaded.asyncify.wasm"];

/** How long the page waits for the service worker before it goes on without. */
const PATIENCE = 4000;
const TRIED = "impasto-isolated";

/**
 * Register the service worker. Where the page has no threads, it is loaded once more, through the worker, which adds the headers.
 * @returns {Promise<void>} does not end when the page is about to be loaded again
 */
export async function register() {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register("sw.js");
    if (self.crossOriginIsolated || sessionStorage.getItem(TRIED)) return;
    await Promise.race([controlled(), new Promise((_, fail) => setTimeout(fail, PATIENCE))]);
    sessionStorage.setItem(TRIED, "1");
  } catch {
    return; // A private window, or no storage: one thread, and no work without a network.
  }
  location.reload();
  await new Promise(() => {});
}

async function controlled() {
  if (navigator.serviceWorker.controller) return;
  await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
}

/**
 * Have everything kept that the page needs without a network.
 * @param {string[]} models addresses of the models' files
 * @param {boolean} gpu whether the runtime for the GPU is needed too
 * @returns {Promise<boolean>} whether it was kept
 */
export async function keep(models, gpu) {
  const worker = (await navigator.serviceWorker?.ready)?.active;
  if (!worker) return false;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((done) => (port1.onmessage = ({ data }) => done(data)));
  worker.postMessage({ keep: [...FILES, ...RUNTIME, ...(gpu ? GPU_RUNTIME : []), ...models] }, [port2]);
  return answer;
}
