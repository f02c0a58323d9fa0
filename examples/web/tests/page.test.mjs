// The page in a headless Chromium with its fake camera. Skips, and says so, where the browser or the runtime is missing; compares with
// the program's pictures where the program is built (IMPASTO_PROGRAM, or target/release/impasto).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { decibels, drop, launch, missing, ready, rest, visit } from "./browser.mjs";
import { widePng } from "./png.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const PHOTO = join(ROOT, "examples", "images", "still-life.png");
const PAINTING = join(ROOT, "examples", "styles", "swirls.png");
const PROGRAM = process.env.IMPASTO_PROGRAM || join(ROOT, "target", "release", "impasto");
/** Of rounding and of different kernels; 82 dB are lost by the graph. */
const LEAST_DB = 40;

const options = { skip: missing, timeout: 240_000 };
const folder = mkdtempSync(join(tmpdir(), "impasto-web-"));
const base64 = (path) => readFileSync(path).toString("base64");
const text = (page, id) => page.$eval(`#${id}`, (element) => element.textContent);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let browser;
before(async () => { if (!missing) browser = await launch(); });
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** The program's picture as base64. */
function program(...args) {
  const out = join(folder, "program.png");
  execFileSync(PROGRAM, ["stylize", PHOTO, ...args, "-o", out], { stdio: "pipe" });
  return base64(out);
}

test("a photo, a painting and the options give the program's picture", options, async (t) => {
  const { page, complaints } = await visit(t, browser);
  await ready(page);
  assert.equal(await page.evaluate("crossOriginIsolated"), true);
  await drop(page, "content", "still-life.png", "image/png", base64(PHOTO));
  await page.waitForFunction('self.impasto.painter.source.name === "still-life.png"');
  await page.select("#network", "live");
  await page.keyboard.press("3");
  await rest(page);
  if (!existsSync(PROGRAM)) return t.skip(`the program is not built: ${PROGRAM}`);
  const same = async (what, ...args) => {
    await rest(page);
    const found = await decibels(page, program(...args));
    t.diagnostic(`${what}: ${found.toFixed?.(1) ?? found} dB`);
    assert.ok(found >= LEAST_DB, `${what}: ${found} dB`);
  };
  await same("live", "--style", "@irises", "--model", "live");
  await page.evaluate(() => {
    self.impasto.mix.strength = self.impasto.mix.wantedStrength = 0.5;
    self.impasto.painter.touch();
  });
  await page.click("#keep");
  await page.waitForFunction("self.impasto.painter.content");
  await same("strength 0.5, own colours", "--style", "@irises", "--model", "live", "--strength", "0.5", "--keep-colors");
  await page.click("#keep");
  await page.evaluate(() => { self.impasto.mix.strength = self.impasto.mix.wantedStrength = 1; });
  await drop(page, "style", "swirls.png", "image/png", base64(PAINTING));
  await page.waitForFunction('self.impasto.strip.styles.at(-1).title === "swirls"');
  await page.select("#network", "fine");
  await same("fine, a painting", "--style", PAINTING, "--model", "fine");
  assert.deepEqual(complaints, []);
});

test("the table paints its textures as the program does, and a painting leads back to the other networks", options, async (t) => {
  const { page, complaints } = await visit(t, browser);
  await ready(page);
  await page.select("#network", "pocket");
  await page.waitForFunction('self.impasto.strip.styles[0].name === "art-deco" && self.impasto.strip.cards.length === 12');
  await drop(page, "content", "still-life.png", "image/png", base64(PHOTO));
  await page.waitForFunction('self.impasto.painter.source.name === "still-life.png"');
  await page.keyboard.press("6");
  await rest(page);
  const painted = ["--style", "@mosaic", "--model", "pocket"];
  const isBuilt = existsSync(PROGRAM);
  if (isBuilt) assert.ok((await decibels(page, program(...painted))) >= LEAST_DB);
  await page.evaluate(() => {
    self.impasto.mix.strength = self.impasto.mix.wantedStrength = 0.5;
    self.impasto.painter.touch();
  });
  await rest(page);
  if (isBuilt) assert.ok((await decibels(page, program(...painted, "--strength", "0.5"))) >= LEAST_DB);
  await drop(page, "style", "swirls.png", "image/png", base64(PAINTING));
  await page.waitForFunction('self.impasto.strip.styles.at(-1).title === "swirls"');
  assert.equal(await page.$eval("#network", (select) => select.value), "auto");
  assert.equal(await page.evaluate("self.impasto.strip.styles.length"), 13);
  await rest(page);
  assert.deepEqual(complaints, []);
});

test("the camera is painted, saved and recorded, and a hidden page rests", options, async (t) => {
  const { page, context, complaints } = await visit(t, browser);
  const session = await browser.target().createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, browserContextId: context.id });
  await ready(page);
  await page.click("#camera");
  await page.waitForFunction("self.impasto.painter.source.kind === 'camera' && self.impasto.painter.frames.length > 3");
  assert.match(await text(page, "figures"), /fps .* live/);
  await page.keyboard.press("r");
  assert.equal(await page.$eval("#record", (button) => button.getAttribute("aria-pressed")), "true");
  await page.keyboard.press("ArrowRight");
  await pause(3000);
  await page.keyboard.press("r");
  await page.waitForFunction('document.getElementById("notice-text").textContent.startsWith("Saved impasto-")');
  await page.keyboard.press("s");
  const saved = (kind) => readdirSync(folder).find((name) => name.startsWith("impasto-") && kind.test(name));
  for (let n = 0; n < 50 && !(saved(/\.png$/) && saved(/\.(mp4|webm)$/)); n++) await pause(100);
  assert.ok(statSync(join(folder, saved(/\.png$/))).size > 10_000);
  assert.ok(statSync(join(folder, saved(/\.(mp4|webm)$/))).size > 10_000);

  const hide = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await hide(true);
  await pause(1500);
  const frames = () => page.evaluate("self.impasto.painter.frames.at(-1)");
  const last = await frames();
  await pause(700);
  assert.equal(await frames(), last, "a hidden page paints");
  await hide(false);
  await page.waitForFunction((last) => self.impasto.painter.frames.at(-1) > last, {}, last);
  assert.deepEqual(complaints, []);
});

test("without a camera, and with files that are no pictures, the page says what to do", options, async (t) => {
  const { page, complaints } = await visit(t, browser, {
    before: (page) => page.evaluateOnNewDocument(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    }),
  });
  await ready(page);
  const said = (pattern) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById("notice-text").textContent), {}, pattern);
  await page.click("#camera");
  await said("not allowed.*or open a photo");
  await drop(page, "content", "letter.png", "image/png", Buffer.from("no picture").toString("base64"));
  await said("letter.png cannot be opened as a picture");
  await drop(page, "content", "film.mp4", "video/mp4", Buffer.from("no film").toString("base64"));
  await said("film.mp4 cannot be played");
  await drop(page, "style", "small.png", "image/png", widePng(40, 8).toString("base64"));
  await said("40x8 pixels; both sides must have 16");
  await drop(page, "style", "wide.png", "image/png", widePng(12000, 3000).toString("base64"));
  await page.waitForFunction('self.impasto.strip.styles.at(-1).title === "wide"', { timeout: 60_000 });
  await rest(page);
  assert.deepEqual(complaints, []);
});

test("keys alone do everything that a pointer does", options, async (t) => {
  const { page, complaints } = await visit(t, browser, { size: { width: 390, height: 844, isMobile: true, hasTouch: true } });
  await ready(page);
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute("role") || document.activeElement.tagName);
  const reached = new Set();
  for (let n = 0; n < 30; n++) {
    await page.keyboard.press("Tab");
    reached.add(await focused());
  }
  for (const place of ["camera", "open", "save", "record", "help", "radio", "SUMMARY"]) assert.ok(reached.has(place), `Tab never reaches ${place}: ${[...reached]}`);
  await page.focus("[role=radio]");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate("self.impasto.mix.target"), 1);
  assert.equal(await page.$eval("[aria-checked=true] b", (title) => title.textContent), "The Starry Night");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.$eval("#strength", (range) => range.value), "90");
  await page.keyboard.press(".");
  assert.equal(await page.$eval("#brush", (range) => range.value), "0.5");
  await page.keyboard.press(" ");
  assert.equal(await page.evaluate("self.impasto.mix.touring"), true);
  await page.focus("summary");
  await page.keyboard.press("Enter");
  await page.focus("#pad-x");
  await page.keyboard.press("End");
  await page.waitForFunction("self.impasto.mix.weights[2] > 0.99");
  assert.equal(await page.evaluate("self.impasto.mix.touring"), false);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  assert.equal(await page.$eval("#keys", (dialog) => dialog.open), true);
  const unnamed = await page.$$eval("button, input, select", (all) => all.filter((one) => !one.hidden && !(one.ariaLabel || one.textContent.trim() || one.labels?.length || one.title)).map((one) => one.outerHTML));
  assert.deepEqual(unnamed, []);
  const wide = await page.$$eval("header *, #tools *, #panel *", (all) => all.filter((one) => one.getBoundingClientRect().right > 391).map((one) => one.outerHTML));
  assert.deepEqual(wide, [], "wider than a phone");
  assert.deepEqual(complaints, []);
});

test("the service worker gives threads, and the page works without a network after the first load", options, async (t) => {
  const { page, context, server, complaints } = await visit(t, browser, { isolated: false });
  await ready(page);
  assert.equal(await page.evaluate("crossOriginIsolated"), true);
  assert.ok(await page.evaluate("self.impasto.engine.threads") >= Math.min(2, await page.evaluate("navigator.hardwareConcurrency")));
  assert.equal(await page.$eval("#offline", (badge) => badge.hidden), false);
  await server.close();
  const offline = await context.newPage();
  await offline.goto(server.address + "?engine=wasm");
  await ready(offline);
  assert.equal(await offline.evaluate("crossOriginIsolated"), true);
  assert.deepEqual(complaints, []);
});

test("without threads and without a service worker it paints too", options, async (t) => {
  const { page, complaints } = await visit(t, browser, {
    isolated: false,
    before: (page) => page.evaluateOnNewDocument(() => Object.defineProperty(Navigator.prototype, "serviceWorker", { value: undefined })),
  });
  await ready(page);
  assert.equal(await page.evaluate("crossOriginIsolated"), false);
  assert.equal(await page.evaluate("self.impasto.engine.threads"), 1);
  assert.match(await text(page, "engine"), /1 thread\)/);
  assert.deepEqual(complaints, []);
});
