// What needs no browser: run with Node alone.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "../manifest.js";
import { corners, Mix } from "../mix.js";
import { fromPlanes, mixWithPhoto, padded, toPlanes } from "../pixels.js";
import { fitShort, resize } from "../resize.js";

const PAGE = join(dirname(fileURLToPath(import.meta.url)), "..");
const read = (...path) => readFileSync(join(PAGE, ...path), "utf8");

test("the manifest and the gallery are read", () => {
  const manifest = parse(read("..", "..", "models", "models.toml"));
  assert.equal(manifest.predictor.style_side, 384);
  for (const model of manifest.model) {
    assert.match(model.transformer_web.sha256, /^[0-9a-f]{64}$/, model.name);
    assert.ok(model.transformer_web.margin >= 8 && model.transformer_web.multiple >= 4);
    assert.ok(model.training.loss_weights.content > 0);
  }
  const gallery = parse(read("..", "..", "models", "gallery.toml"));
  assert.ok(gallery.style.length >= 10);
  for (const style of gallery.style) assert.equal(style.values.length, manifest.predictor.bottleneck);
  assert.throws(() => parse("[a]\nb = nonsense"), /line 2/);
});

test("weights sum to 1 and do not jump, whatever is pressed", () => {
  const mix = new Mix(5);
  let before = [...mix.weights];
  for (let step = 0; step < 400; step++) {
    if (step % 37 === 0) mix.glideTo((step * 7) % 5);
    if (step % 90 === 30) mix.hold([[1, 0.5], [3, 0.5]]);
    if (step % 90 === 50) mix.release();
    mix.advance(step / 50);
    const sum = mix.weights.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 1) < 1e-9 && mix.weights.every((w) => w >= 0), String(mix.weights));
    mix.weights.forEach((weight, n) => assert.ok(Math.abs(weight - before[n]) < 0.15, `a jump at step ${step}`));
    before = [...mix.weights];
  }
  mix.glideTo(2);
  mix.advance(20);
  assert.deepEqual(mix.weights, [0, 0, 1, 0, 0]);
  assert.equal(mix.moving, false);
});

test("a tour goes through the styles until the pad is used", () => {
  const mix = new Mix(3);
  mix.tour(true);
  mix.advance(8.1);
  assert.equal(mix.target, 1);
  mix.hold(corners(1, 0).map((weight, n) => [n % 3, weight]));
  mix.advance(30);
  assert.equal(mix.touring, false);
  assert.deepEqual(mix.weights, [0, 1, 0]);
});

test("planes have the reflected margin, and pictures survive them", () => {
  const [width, height] = [17, 19];
  const photo = Uint8ClampedArray.from({ length: width * height * 4 }, (_, n) => (n % 4 === 3 ? 255 : (n * 37) % 256));
  const border = { margin: 12, multiple: 4 };
  const [across, down] = [padded(width, border), padded(height, border)];
  assert.deepEqual([across, down], [44, 44]);
  assert.equal(padded(17, { margin: 8, multiple: 8 }), 40);
  const planes = new Float32Array(3 * across * down);
  toPlanes(photo, width, height, planes, border);
  assert.equal(planes[12 * across + 11], photo[4], "the column before the first is the second");
  assert.equal(planes[12 * across + 12 + 17], photo[15 * 4], "the column after the last is the last but one");
  const back = new Uint8ClampedArray(photo.length);
  fromPlanes(planes, width, height, back, border);
  assert.deepEqual(back, photo);
});

test("strength 0 is the photo", () => {
  const photo = Uint8ClampedArray.from([10, 20, 30, 255]);
  const pastiche = Uint8ClampedArray.from([200, 100, 0, 255]);
  mixWithPhoto(photo, pastiche, 0.2);
  assert.deepEqual([...pastiche], [200, 100, 0, 255]);
  mixWithPhoto(photo, pastiche, 0);
  assert.deepEqual(pastiche, photo);
});

test("resizing keeps a flat picture flat, and long pictures are cut", () => {
  const flat = Uint8ClampedArray.from({ length: 40 * 30 * 4 }, (_, n) => [10, 120, 250, 255][n % 4]);
  const small = resize(flat, 40, 30, 7, 11);
  assert.ok(small.every((value, n) => value === [10, 120, 250][n % 3]));
  assert.deepEqual(fitShort(3, 5000, 256), { x: 0, y: 2494, w: 3, h: 12, toWidth: 256, toHeight: 1024 });
});

test("the list of files for work without a network is complete", () => {
  const listed = read("offline.js").match(/FILES = \[([^\]]+)\]/)[1];
  const needed = readdirSync(PAGE).filter((file) => /\.(js|css|svg|jpg|webmanifest)$/.test(file) && file !== "sw.js");
  for (const file of needed) assert.ok(listed.includes(`"${file}"`), `offline.js lacks ${file}`);
});

test("the service worker's cache is named after the runtime that package.json pins", () => {
  const { dependencies } = JSON.parse(read("package.json"));
  assert.ok(read("sw.js").includes(`"impasto-ort-${dependencies["onnxruntime-web"]}"`));
});
