// A small static server for the tests: the page, the models and the runtime under one address, with or without the headers that
// give a page threads. `impasto web` does the same in the program.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { dirname, extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = join(dirname(fileURLToPath(import.meta.url)), "..");
const MODELS = join(PAGE, "..", "..", "models");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".toml": "text/plain; charset=utf-8",
  ".png": "image/png",
};

/** The folder that the runtime comes from. */
export const RUNTIME = process.env.IMPASTO_ORT || join(PAGE, "node_modules", "onnxruntime-web", "dist");

/** The file that a path of the page stands for. */
function place(path) {
  const clean = normalize(decodeURIComponent(path)).split(sep).filter((part) => part && part !== "..");
  const [first, ...rest] = clean;
  if (first === "models") return join(MODELS, ...rest);
  if (first === "ort") return join(RUNTIME, ...rest);
  return join(PAGE, ...(clean.length ? clean : ["index.html"]));
}

/**
 * Start it on a free port of this machine.
 * @param {{isolated?: boolean, port?: number}} options `isolated`: send COOP and COEP.
 */
export async function serve({ isolated = true, port = 0 } = {}) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    try {
      const bytes = await readFile(place(path));
      const headers = { "Content-Type": TYPES[extname(place(path))] || "application/octet-stream", "Cache-Control": "no-cache" };
      if (isolated) {
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Embedder-Policy"] = "require-corp";
      }
      response.writeHead(200, headers).end(bytes);
    } catch {
      response.writeHead(404, { "Content-Type": "text/plain" }).end(`${path}: no such file`);
    }
  });
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  const address = `http://localhost:${server.address().port}/`;
  const close = () => new Promise((done) => {
    if (!server.listening) return done();
    server.close(done);
    server.closeAllConnections();
  });
  return { address, close };
}

// By itself: node serve.mjs [PORT] [plain]
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { address } = await serve({ port: Number(process.argv[2] || 0), isolated: process.argv[3] !== "plain" });
  console.log(address);
}
