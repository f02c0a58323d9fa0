// Pixels to planes and back: RGBA bytes as a canvas has them, and float planes with a reflected margin as the transformer takes
// them. transformer.onnx adds the margin inside; here it comes with the copy that is needed anyway (export/ship/web.py).

/** @typedef {{margin: number, multiple: number}} Border pixels of reflected border on each side; right and bottom get more, until the sides are multiples. */

/** The least side that can be painted. */
export const LEAST_SIDE = 16;

/** @param {number} side @param {Border} border @returns {number} the side with its margin */
export const padded = (side, { margin, multiple }) => Math.ceil((side + 2 * margin) / multiple) * multiple;

/** For each place along a padded side, the pixel that it shows. */
function reflected(side, border) {
  const map = new Int32Array(padded(side, border));
  for (let n = 0; n < map.length; n++) {
    const at = Math.abs(n - border.margin);
    map[n] = at < side ? at : 2 * (side - 1) - at;
  }
  return map;
}

/**
 * Write a picture to planes of levels, 0..255.
 * @param {Uint8ClampedArray} rgba `width` x `height` pixels
 * @param {Float32Array} planes 3 x padded(height) x padded(width)
 * @param {Border} border
 */
export function toPlanes(rgba, width, height, planes, border) {
  const columns = reflected(width, border).map((x) => x * 4);
  const rows = reflected(height, border);
  const plane = columns.length * rows.length;
  let to = 0;
  for (const row of rows) {
    const line = row * width * 4;
    for (const column of columns) {
      const from = line + column;
      planes[to] = rgba[from];
      planes[to + plane] = rgba[from + 1];
      planes[to + 2 * plane] = rgba[from + 2];
      to++;
    }
  }
}

/**
 * Read a picture from planes of levels, without its margin. The array rounds and clamps.
 * @param {Float32Array} planes 3 x padded(height) x padded(width)
 * @param {Uint8ClampedArray} rgba `width` x `height` pixels
 * @param {Border} border
 */
export function fromPlanes(planes, width, height, rgba, border) {
  const across = padded(width, border);
  const plane = across * padded(height, border);
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = (y + border.margin) * across + border.margin;
    for (let x = 0; x < width; x++, from++, to += 4) {
      rgba[to] = planes[from];
      rgba[to + 1] = planes[from + plane];
      rgba[to + 2] = planes[from + 2 * plane];
      rgba[to + 3] = 255;
    }
  }
}

/** Below this strength a pastiche is blended with its photo, since the networks lose fine detail (src/picture/mix.rs). */
const BLENDED_BELOW = 0.2;

/**
 * Blend a pastiche with its photo where the strength is low: at 0 it is the photo.
 * @param {Uint8ClampedArray} photo @param {Uint8ClampedArray} pastiche changed in place
 */
export function mixWithPhoto(photo, pastiche, strength) {
  if (strength >= BLENDED_BELOW) return;
  const share = Math.round((Math.max(strength, 0) / BLENDED_BELOW) * 256);
  for (let n = 0; n < pastiche.length; n++) {
    pastiche[n] = (pastiche[n] * share + photo[n] * (256 - share) + 128) >> 8;
  }
}
