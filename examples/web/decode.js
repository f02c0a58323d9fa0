// Files of pictures in, pixels out, never more of them than asked for: a painting of 12,000 pixels a side is 576 MB when it is decoded
// whole and kept.

/** Files above this size are not opened. */
const MOST_BYTES = 400e6;

/**
 * @param {Blob & {name?: string}} file
 * @param {number} most the long side, in pixels, that the result has at most
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function decode(file, most) {
  const name = file.name || "The picture";
  if (file.size > MOST_BYTES) throw new Error(`${name} has more than ${MOST_BYTES / 1e6} MB; make it smaller first.`);
  const url = URL.createObjectURL(file);
  const image = new Image();
  try {
    image.src = url;
    // Only the header is read here: pixels are decoded when they are drawn.
    await new Promise((done, fail) => Object.assign(image, { onload: done, onerror: fail }));
    const { naturalWidth: width, naturalHeight: height } = image;
    if (Math.min(width, height) < 16) throw new RangeError(`${name} has ${width}x${height} pixels; both sides must have 16 or more.`);
    const scale = Math.min(1, most / Math.max(width, height));
    const [toWidth, toHeight] = [width, height].map((n) => Math.max(16, Math.round(n * scale)));
    return draw(await reduced(file, image, scale, toWidth, toHeight), toWidth, toHeight);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new Error(`${name} cannot be opened as a picture. Save it as JPEG, PNG or WebP and try again.`);
  } finally {
    URL.revokeObjectURL(url);
    image.src = "";
  }
}

/** Something to draw, reduced by the decoder where the browser can. */
async function reduced(file, image, scale, resizeWidth, resizeHeight) {
  if (scale === 1) return image;
  try {
    return await createImageBitmap(file, { resizeWidth, resizeHeight, resizeQuality: "high" });
  } catch {
    return image;
  }
}

function draw(source, width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  source.close?.();
  return canvas;
}

/** The pixels of a canvas. */
export const pixelsOf = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);

/** The middle of a canvas as a square picture of `side` pixels, as a data address. */
export function thumbnail(canvas, side = 160) {
  const out = document.createElement("canvas");
  out.width = out.height = side;
  const context = out.getContext("2d");
  context.imageSmoothingQuality = "high";
  const short = Math.min(canvas.width, canvas.height);
  context.drawImage(canvas, (canvas.width - short) / 2, (canvas.height - short) / 2, short, short, 0, 0, side, side);
  return out.toDataURL("image/jpeg", 0.86);
}
