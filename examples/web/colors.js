// The photo's own colours with the pastiche's lightness, in OKLab (src/picture/colors): colours that sRGB lacks lose chroma and keep
// lightness and hue.

const decode = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const encode = (v) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);

/** Linear light of each level, and the level of the light whose square root is so many 4095ths. */
const LIGHT = Float32Array.from({ length: 256 }, (_, n) => decode(n / 255));
const LEVEL = Uint8Array.from({ length: 4096 }, (_, n) => Math.round(encode((n / 4095) ** 2) * 255));

/** Linear light by which a colour may be outside of sRGB and is still in it. */
const EDGE = 1e-4;
/** Halvings of the share of the chroma that is kept. */
const STEPS = 8;

const rgb = new Float32Array(3);

/** Write linear sRGB of an OKLab colour to `rgb`; -> whether sRGB has it. */
function linear(l, a, b) {
  const long = (l + 0.39633778 * a + 0.21580376 * b) ** 3;
  const medium = (l - 0.105561346 * a - 0.06385417 * b) ** 3;
  const short = (l - 0.08948418 * a - 1.2914855 * b) ** 3;
  rgb[0] = 4.0767417 * long - 3.3077116 * medium + 0.23096994 * short;
  rgb[1] = -1.268438 * long + 2.6097574 * medium - 0.3413194 * short;
  rgb[2] = -0.0041960863 * long - 0.7034186 * medium + 1.7076147 * short;
  return Math.min(rgb[0], rgb[1], rgb[2]) >= -EDGE && Math.max(rgb[0], rgb[1], rgb[2]) <= 1 + EDGE;
}

const level = (light) => LEVEL[Math.round(Math.sqrt(Math.min(1, Math.max(0, light))) * 4095)];

/**
 * @param {Uint8ClampedArray} photo RGBA
 * @param {Uint8ClampedArray} pastiche RGBA, changed in place
 */
export function keepColors(photo, pastiche) {
  for (let n = 0; n < pastiche.length; n += 4) {
    const [pr, pg, pb] = [LIGHT[pastiche[n]], LIGHT[pastiche[n + 1]], LIGHT[pastiche[n + 2]]];
    const l =
      0.21045426 * Math.cbrt(0.41222146 * pr + 0.53633255 * pg + 0.051445995 * pb) +
      0.7936178 * Math.cbrt(0.2119035 * pr + 0.6806995 * pg + 0.10739696 * pb) -
      0.004072047 * Math.cbrt(0.08830246 * pr + 0.28171885 * pg + 0.6299787 * pb);
    const [r, g, b] = [LIGHT[photo[n]], LIGHT[photo[n + 1]], LIGHT[photo[n + 2]]];
    const long = Math.cbrt(0.41222146 * r + 0.53633255 * g + 0.051445995 * b);
    const medium = Math.cbrt(0.2119035 * r + 0.6806995 * g + 0.10739696 * b);
    const short = Math.cbrt(0.08830246 * r + 0.28171885 * g + 0.6299787 * b);
    const one = 1.9779985 * long - 2.4285922 * medium + 0.4505937 * short;
    const two = 0.025904037 * long + 0.78277177 * medium - 0.80867577 * short;
    const light = Math.min(1, Math.max(0, l));
    if (!linear(light, one, two)) {
      let kept = 0;
      for (let k = 0, step = 0.5; k < STEPS; k++, step /= 2) {
        if (linear(light, one * (kept + step), two * (kept + step))) kept += step;
      }
      linear(light, one * kept, two * kept);
    }
    pastiche[n] = level(rgb[0]);
    pastiche[n + 1] = level(rgb[1]);
    pastiche[n + 2] = level(rgb[2]);
  }
}
