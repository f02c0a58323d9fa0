// models.toml, gallery.toml and the styles of tables: their text in, objects out. They are written by the project itself and use little
// of TOML: tables, lists of tables, strings, numbers, lists of numbers and inline tables of one line.

/** @param {string} text @returns {Record<string, any>} */
export function parse(text) {
  const root = {};
  let table = root;
  text.split("\n").forEach((raw, n) => {
    const line = raw.trim();
    if (!line || line.startsWith("#")) return;
    const header = /^(\[\[?)([\w.-]+)\]\]?$/.exec(line);
    if (header) {
      table = enter(root, header[2].split("."), header[1] === "[[");
      return;
    }
    const pair = /^([\w-]+) = (.+)$/.exec(line);
    if (!pair) throw new Error(`line ${n + 1} is neither a table nor KEY = VALUE`);
    table[pair[1]] = value(pair[2], n + 1);
  });
  return root;
}

/** The table of that name; a list stands for its last table. */
function enter(root, names, list) {
  let at = root;
  names.forEach((name, n) => {
    if (list && n === names.length - 1) (at[name] ??= []).push({});
    else at[name] ??= {};
    at = Array.isArray(at[name]) ? at[name].at(-1) : at[name];
  });
  return at;
}

function value(text, line) {
  // An inline table becomes JSON when its keys are quoted; everything else that is written here is JSON already.
  const json = text.startsWith("{") ? text.replace(/([{,]\s*)([\w-]+) = /g, '$1"$2": ') : text;
  try {
    return JSON.parse(json);
  } catch {
    throw new Error(`line ${line}: a value that this page cannot read`);
  }
}

/**
 * @typedef {{file: string, sha256: string}} FileEntry
 * @typedef {{name: string, head: FileEntry, transformer: FileEntry, transformer_web: FileEntry & import("./pixels.js").Border, params: number, styles?: FileEntry}} Model
 * @typedef {{name: string, title: string, painter?: string, year?: string, values: Float32Array, thumbnail?: string}} Style
 */

/** The address of a file of the models. Its sum is part of it, so that a new file is never taken for an old one in a cache. */
export const address = (entry) => `models/${entry.file}?${entry.sha256.slice(0, 16)}`;

/** "art-deco" as a title. */
const titled = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("-", " ");

/** The styles of a model that reads no paintings, and the embedding that gives any photo back. */
async function table(model) {
  const { style, photo } = await read(address(model.styles));
  const styles = style.map(({ name, values }) => ({ name, title: titled(name), painter: "texture", values: Float32Array.from(values) }));
  return { styles, photo: Float32Array.from(photo.values) };
}

/**
 * Read all of them.
 * @typedef {{styles: Style[], photo: Float32Array}} Table
 * @returns {Promise<{predictor: FileEntry & {style_side: number}, models: Record<string, Model>, styles: Style[], tables: Record<string, Table>}>}
 */
export async function load() {
  const [manifest, gallery] = await Promise.all(["models/models.toml", "models/gallery.toml"].map(read));
  const [models, tables] = [{}, {}];
  for (const model of manifest.model) {
    if (!model.transformer_web) continue;
    models[model.name] = model;
    if (model.styles) tables[model.name] = await table(model);
  }
  const space = manifest.predictor.sha256.slice(0, 16);
  const styles = gallery.style.filter((style) => style.space === space);
  for (const style of styles) style.values = Float32Array.from(style.values);
  return { predictor: manifest.predictor, models, styles, tables };
}

async function read(file) {
  const answer = await fetch(file);
  if (!answer.ok) throw new Error(`${file} is missing (status ${answer.status}). Lay the page out with: node build.mjs`);
  try {
    return parse(await answer.text());
  } catch (error) {
    throw new Error(`${file}: ${error.message}`);
  }
}
