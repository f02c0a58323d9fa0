// A Chromium for the tests, and what they do with its pages. Says why when there is none.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { RUNTIME, serve } from "./serve.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** The browser: IMPASTO_CHROMIUM, or one on the PATH. */
function chromium() {
  if (process.env.IMPASTO_CHROMIUM) return process.env.IMPASTO_CHROMIUM;
  const places = (process.env.PATH || "").split(":").flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return places.find((place) => existsSync(place));
}

let puppeteer;
/** Why the tests cannot run here, or false. */
export const missing = await (async () => {
  if (!chromium()) return "no Chromium is installed (or name one in IMPASTO_CHROMIUM)";
  if (!existsSync(join(RUNTIME, "ort.wasm.min.mjs"))) return "onnxruntime-web is not installed: npm install in examples/web";
  try {
    puppeteer = (await import("puppeteer-core")).default;
  } catch {
    return "puppeteer-core is not installed: npm install in examples/web";
  }
  return false;
})();

const FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

export const launch = (more = []) => puppeteer.launch({ executablePath: chromium(), args: [...FLAGS, ...more] });

/**
 * Open the page in a context of its own, with a server of its own, until the end of the test `t`.
 * @param {{isolated?: boolean, query?: string, before?: (page: any, context: any, address: string) => Promise<void>, size?: object}} options
 */
export async function visit(t, browser, { isolated = true, query = "?engine=wasm", before, size } = {}) {
  const server = await serve({ isolated });
  const context = await browser.createBrowserContext();
  t.after(async () => {
    await context.close();
    await server.close();
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.setViewport(size ?? { width: 1280, height: 800 });
  await before?.(page, context, server.address);
  await page.goto(server.address + query);
  return { page, context, server, complaints };
}

/** Wait until the page has painted its first picture, whole, and its cards. */
export const ready = (page, timeout = 90_000) => page.waitForFunction("self.impasto?.ready", { timeout });

/** Wait until a photo at rest is painted whole. */
export const rest = (page) => page.evaluate(async () => {
  const { painter, mix } = self.impasto;
  await new Promise((done) => setTimeout(done, 60));
  while (mix.moving) await new Promise((done) => setTimeout(done, 60));
  await painter.finished();
});

/** Drop a file on one of the page's halves: "content" or "style". */
export const drop = (page, half, name, type, base64) => page.evaluate(
  async (half, name, type, base64) => {
    const bytes = await (await fetch(`data:${type};base64,${base64}`)).arrayBuffer();
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type }));
    const { left, width, top } = document.getElementById("stage").getBoundingClientRect();
    const place = { clientX: left + width * (half === "content" ? 0.25 : 0.75), clientY: top + 50 };
    const event = (kind) => new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true, ...place });
    document.body.dispatchEvent(event("dragover"));
    document.body.dispatchEvent(event("drop"));
  },
  half, name, type, base64,
);

/** How near the canvas is to a PNG, in dB. */
export const decibels = (page, base64) => page.evaluate(async (base64) => {
  const wanted = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
  const canvas = document.getElementById("picture");
  if (canvas.width !== wanted.width || canvas.height !== wanted.height) return `${canvas.width}x${canvas.height}`;
  const pixels = (picture) => {
    const copy = new OffscreenCanvas(wanted.width, wanted.height).getContext("2d");
    copy.drawImage(picture, 0, 0);
    return copy.getImageData(0, 0, wanted.width, wanted.height).data;
  };
  const [data, found] = [pixels(wanted), pixels(canvas)];
  let sum = 0;
  for (let n = 0; n < data.length; n++) sum += (data[n] - found[n]) ** 2;
  return 10 * Math.log10(255 ** 2 / Math.max(sum / (0.75 * data.length), 1e-9));
}, base64);
