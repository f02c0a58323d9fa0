// The page: puts the parts together and gives buttons, keys and dropped files their meaning.

import { address, load } from "./manifest.js";
import { Engine } from "./engine.js";
import { Mix } from "./mix.js";
import { Painter } from "./painter.js";
import { Panel } from "./panel.js";
import { Strip } from "./strip.js";
import { Recorder, savePicture } from "./record.js";
import { camera, open, photo } from "./source.js";
import { listen, show } from "./keys.js";
import { fail, hide, say } from "./notice.js";
import { keep, register } from "./offline.js";

const $ = (id) => document.getElementById(id);
/** Seconds after which a hidden page lets its networks go: five tabs are not to hold the memory of five. */
const SLEEP_AFTER = 60;
/** Failures of painting in a row after which the page stops trying. */
const MOST_FAILURES = 3;

const options = new URLSearchParams(location.search);

async function main() {
  await register();
  const manifest = await load();
  const { styles } = manifest;
  const sample = await photo(await (await fetch("sample.jpg")).blob(), "still life");
  const engine = new Engine(manifest, { wanted: options.get("engine") ?? "auto", threads: Number(options.get("threads")) || undefined });
  const mix = new Mix(styles.length);
  const painter = new Painter(engine, $("picture"), mix, styles);
  const panel = new Panel(mix, painter, styles);
  const strip = new Strip($("strip"), styles, mix, engine, { choose: (n) => choose(n), add: () => $("style-file").click() });
  const recorder = new Recorder($("picture"), (name) => say(`Saved ${name}.`));
  let figures = true;
  let failures = 0;
  let facing = "user";

  // For tests and for those who look inside.
  self.impasto = { engine, mix, painter, strip, manifest };

  const choose = (index) => {
    mix.glideTo(index);
    strip.update();
    if (styles[index]) $("picture").setAttribute("aria-label", `The painted picture, in the style of ${styles[index].title}`);
  };

  const use = (source) => {
    painter.setSource(source);
    painter.settings.paused = false;
    press("pause", false);
    press("mirror", source.mirror);
  };
  const press = (id, on) => $(id).setAttribute("aria-pressed", String(on));
  /** Run something that takes its time; failures are told. */
  const attempt = async (work, text) => {
    if (text) say(text);
    try {
      await work();
      if (text) hide();
    } catch (error) {
      fail(error);
    }
  };

  const openContent = (file) => file && attempt(async () => use(await open(file)), `Opening ${file.name || "the picture"}…`);
  /** What the networks paint that read any painting; a table has styles of its own. */
  const any = { styles: [...styles], photo: null };
  let shown = any;
  const setNetwork = async (name) => {
    $("network").value = name;
    panel.set("network", name);
    const next = manifest.tables[name] ?? any;
    if (next === shown) return;
    shown.styles = [...styles];
    shown = next;
    styles.splice(0, styles.length, ...next.styles);
    mix.reset(styles.length);
    painter.setPhoto(next.photo);
    strip.reset();
    choose(0);
    await strip.paintThumbnails(sample.picture, next === any ? "live" : name);
  };

  const openStyles = (files) =>
    attempt(async () => {
      if (shown !== any) await setNetwork("auto"); // a table reads no paintings
      for (const file of files) choose(await strip.add(file));
    }, "Reading the painting…");

  const toggle = (name, id = name) => {
    const on = !painter.settings[name];
    panel.set(name, on);
    if (id === "keep") $("keep").checked = on;
    else press(id, on);
    return on;
  };

  const act = {
    previous: () => choose((mix.target + styles.length - 1) % styles.length),
    next: () => choose((mix.target + 1) % styles.length),
    tour: () => mix.tour(!mix.touring),
    stronger: () => panel.setStrength(mix.wantedStrength + 0.1),
    weaker: () => panel.setStrength(mix.wantedStrength - 0.1),
    painting: () => $("style-file").click(),
    open: () => $("content-file").click(),
    camera: () =>
      attempt(async () => {
        // Pressed again, it is the other camera: phones have two.
        if (painter.source?.kind === "camera") facing = facing === "user" ? "environment" : "user";
        painter.source?.kind === "camera" && painter.source.close();
        use(await camera(facing));
      }, "Asking for the camera…"),
    save: () =>
      attempt(async () => {
        await painter.finished();
        const { source } = painter;
        const most = Math.min(1, Math.sqrt(32e6 / (source.width * source.height)));
        say(`Saved ${await savePicture($("picture"), Math.round(source.width * most), Math.round(source.height * most))}.`);
      }),
    record: () => {
      if (recorder.isOn) recorder.stop();
      else attempt(async () => recorder.start());
      painter.locked = recorder.isOn;
      press("record", recorder.isOn);
      $("recording").hidden = !recorder.isOn;
    },
    pause: () => {
      const paused = toggle("paused", "pause");
      const { video } = painter.source;
      if (painter.source.kind === "film") paused ? video.pause() : video.play();
    },
    fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : attempt(async () => $("stage").requestFullscreen())),
    keep: () => toggle("keep"),
    split: () => toggle("split"),
    mirror: () => {
      painter.source.mirror = !painter.source.mirror;
      press("mirror", painter.source.mirror);
      painter.touch();
    },
    smaller: () => step(-1),
    larger: () => step(1),
    finer: () => panel.setBrush(painter.settings.brush / Math.SQRT2),
    coarser: () => panel.setBrush(painter.settings.brush * Math.SQRT2),
    figures: () => (figures = !figures),
    help: () => $("keys").showModal(),
  };
  const step = (by) => {
    painter.rate.step(by);
    painter.touch();
    say(`Moving pictures are painted at ${painter.rate.side} pixels.`);
  };

  for (const id of ["camera", "open", "save", "record", "pause", "split", "mirror", "fullscreen", "help"]) $(id).onclick = act[id];
  listen((action) => (action.startsWith("style ") ? choose(Number(action.slice(6))) : act[action]()), () => $("keys-on").checked);
  show($("keys-table"));
  $("network").onchange = ({ target }) => attempt(() => setNetwork(target.value));
  $("notice-close").onclick = hide;
  $("content-file").onchange = ({ target }) => { openContent(target.files[0]); target.value = ""; };
  $("style-file").onchange = ({ target }) => { openStyles([...target.files]); target.value = ""; };
  dropZones(openContent, openStyles);
  addEventListener("paste", ({ clipboardData }) => clipboardData.files[0] && openContent(clipboardData.files[0]));

  painter.onframe = ({ fps, ms, width, height, model }) => {
    failures = 0;
    $("wait").hidden = true;
    const rate = painter.source.video ? `${fps.toFixed(1)} fps · ` : "";
    $("figures").textContent = figures ? `${rate}${ms.toFixed(0)} ms · ${width}×${height} · ${model}` : "";
    strip.update();
    panel.update();
  };
  painter.onwhole = (width, height) => {
    if (figures && painter.frames.length) $("figures").textContent = `painting ${width}×${height}…`;
  };
  painter.onerror = async (error) => {
    failures++;
    painter.halted = true;
    if (failures > MOST_FAILURES) return fail(new Error(`Painting failed: ${error.message}. Load the page again.`));
    // Most often the memory of the networks is exhausted: begin anew with smaller pictures.
    painter.mostPixels /= 2;
    fail(new Error(`Painting failed (${error.message}). It goes on with smaller pictures.`));
    await attempt(() => engine.start());
    painter.halted = false;
  };
  engine.onchange = () => {
    const by = engine.name === "webgpu" ? "the GPU (WebGPU)" : `the CPU (WASM, ${engine.threads} thread${engine.threads > 1 ? "s" : ""})`;
    $("engine").textContent = `Painted by ${by}.`;
  };

  use(sample);
  painter.run();
  // A tab that was opened in the background loads its networks when it is looked at.
  while (document.hidden) await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
  await engine.start();
  sleep(engine, painter, recorder);
  painter.touch();
  await painter.finished();
  await strip.paintThumbnails(sample.picture, "live").catch(fail);
  const models = Object.values(engine.files.models).flatMap(({ head, transformer, web }) => [head, transformer, web]);
  const tables = Object.values(manifest.models).flatMap(({ styles }) => (styles ? [address(styles)] : []));
  $("offline").hidden = !(await keep([engine.files.predictor, ...models, ...tables], engine.name === "webgpu"));
  $("network").disabled = false;
  self.impasto.ready = true;
}

/** While files are dragged over the page, two zones say what becomes of them. */
function dropZones(openContent, openStyles) {
  const zones = $("drop");
  const zone = ({ clientX }) => {
    const { left, width } = zones.getBoundingClientRect();
    return zones.children[clientX < left + width / 2 ? 0 : 1];
  };
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zones.hidden = false;
    for (const one of zones.children) one.classList.toggle("over", one === zone(event));
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) zones.hidden = true; });
  addEventListener("drop", (event) => {
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])];
    const kind = zone(event).dataset.drop;
    zones.hidden = true;
    if (!files.length) return;
    if (kind === "style") openStyles(files);
    else openContent(files[0]);
  });
}

/** A hidden page paints nothing; after a while it lets its networks go. */
function sleep(engine, painter, recorder) {
  let timer;
  let asleep = false;
  document.addEventListener("visibilitychange", async () => {
    const { source } = painter;
    recorder.wait(document.hidden);
    if (source?.kind === "film" && !painter.settings.paused) document.hidden ? source.video.pause() : source.video.play();
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        engine.stop();
        asleep = true;
      }, SLEEP_AFTER * 1000);
    } else if (asleep) {
      asleep = false;
      await engine.start().catch(fail);
      painter.touch();
    }
  });
}

main().catch((error) => {
  $("wait").hidden = true;
  fail(error);
});
