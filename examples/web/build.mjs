// Lays the page out in dist/, for any server of plain files: node build.mjs
// Copies, and nothing else: the page, the bundled models and gallery, and the files of the runtime that the page loads.

import { cp, mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = dirname(fileURLToPath(import.meta.url));
const MODELS = join(PAGE, "..", "..", "models");
const RUNTIME = join(PAGE, "node_modules", "onnxruntime-web", "dist");
const DIST = join(PAGE, "dist");

/** Of onnxruntime-web: a build for the CPU, and one for the GPU. */
export const RUNTIME_FILES = [
  "ort.wasm.min.mjs",
  "ort-wasm-simd-threaded.mjs",
  "ort-wasm-simd-threaded.wasm",
  "ort.webgpu.min.mjs",
  "ort-wasm-simd-threaded.asyncify.mjs",
  "ort-wasm-simd-threaded.asyncify.wasm",
];
const NETWORKS = ["live", "fine", "swift", "pocket"].flatMap((name) => ["head.onnx", "transformer.onnx", "transformer_web.onnx"].map((file) => join(name, file)));
const MODEL_FILES = ["models.toml", "gallery.toml", "predictor.onnx", join("pocket", "styles.toml"), ...NETWORKS];

const isOfPage = (name) => /\.(html|css|js|svg|jpg|webmanifest)$/.test(name);

async function main() {
  await stat(RUNTIME).catch(() => {
    throw new Error("onnxruntime-web is not installed; run: npm install");
  });
  await rm(DIST, { recursive: true, force: true });
  const copies = [
    ...(await readdir(PAGE)).filter(isOfPage).map((file) => [PAGE, file, ""]),
    ...MODEL_FILES.map((file) => [MODELS, file, "models"]),
    ...RUNTIME_FILES.map((file) => [RUNTIME, file, "ort"]),
  ];
  let bytes = 0;
  for (const [from, file, to] of copies) {
    const target = join(DIST, to, file);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(from, file), target);
    bytes += (await stat(target)).size;
  }
  console.log(`dist: ${copies.length} files, ${(bytes / 1e6).toFixed(1)} MB`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
