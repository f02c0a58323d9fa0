// Lanczos resizing, as the program resizes paintings before the predictor reads them. The browser's own resizing blurs differently,
// and a painting's embedding depends on that.

const LOBES = 3;

function lanczos(x) {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const a = Math.PI * x;
  return (LOBES * Math.sin(a) * Math.sin(a / LOBES)) / (a * a);
}

/** For each of `to` places, where its support begins and its weights. */
function weights(from, to) {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: to }, (_, n) => {
    const centre = (n + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - LOBES * stretch));
    const end = Math.min(from, Math.ceil(centre + LOBES * stretch));
    const values = new Float32Array(end - first);
    let sum = 0;
    for (let k = first; k < end; k++) sum += values[k - first] = lanczos((k + 0.5 - centre) / stretch);
    return { first, values: values.map((v) => v / sum) };
  });
}

/**
 * @param {Uint8ClampedArray} rgba `width` x `height` pixels
 * @returns {Uint8Array} RGB bytes, `toWidth` x `toHeight` pixels
 */
export function resize(rgba, width, height, toWidth, toHeight) {
  const columns = weights(width, toWidth);
  const middle = new Uint8ClampedArray(toWidth * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++) {
      const { first, values } = columns[x];
      let [r, g, b] = [0, 0, 0];
      for (let k = 0, at = (y * width + first) * 4; k < values.length; k++, at += 4) {
        r += rgba[at] * values[k];
        g += rgba[at + 1] * values[k];
        b += rgba[at + 2] * values[k];
      }
      middle.set([r, g, b], (y * toWidth + x) * 3);
    }
  }
  const line = toWidth * 3;
  const out = new Uint8ClampedArray(line * toHeight);
  weights(height, toHeight).forEach(({ first, values }, y) => {
    for (let x = 0; x < line; x++) {
      let sum = 0;
      for (let k = 0; k < values.length; k++) sum += middle[(first + k) * line + x] * values[k];
      out[y * line + x] = sum;
    }
  });
  return new Uint8Array(out.buffer);
}

/**
 * The part of a picture that is read, and its size for the predictor: short side `side`, long side at most four times that
 * (src/picture/resize.rs, fit_short).
 */
export function fitShort(width, height, side) {
  const short = Math.min(width, height);
  const [w, h] = [Math.min(width, short * 4), Math.min(height, short * 4)];
  const scaled = (n) => Math.max(1, Math.round((n * side) / short));
  return { x: (width - w) >> 1, y: (height - h) >> 1, w, h, toWidth: scaled(w), toHeight: scaled(h) };
}
