// What is painted: the camera, a film or a photo. Each has a size and something that can be drawn on a canvas.

import { decode } from "./decode.js";

/** The long side at which photos are kept. */
const MOST_PHOTO = 4096;

/**
 * @typedef {{kind: "camera" | "film" | "photo", width: number, height: number, picture: CanvasImageSource, mirror: boolean,
 *   name: string, video?: HTMLVideoElement, close: () => void}} Source
 */

/** @returns {Promise<Source>} */
export async function photo(file, name = file.name || "photo") {
  const canvas = await decode(file, MOST_PHOTO);
  return { kind: "photo", width: canvas.width, height: canvas.height, picture: canvas, mirror: false, name, close() {} };
}

/** @param {"user" | "environment"} facing @returns {Promise<Source>} */
export async function camera(facing) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("This browser gives a camera only to pages at https:// or localhost. Open the page there, or open a photo.");
  }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 720 } },
      audio: false,
    });
  } catch (error) {
    throw new Error(cameraReasons[error.name] || `The camera cannot be used (${error.name}). Close other programs that use it, or open a photo.`);
  }
  const video = await play((video) => (video.srcObject = stream), "The camera");
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  return source("camera", video, facing === "user", "camera", close);
}

const cameraReasons = {
  NotAllowedError: "The camera was not allowed. Allow it beside the page's address and press Camera again, or open a photo.",
  NotFoundError: "No camera was found. Connect one and press Camera again, or open a photo.",
  NotReadableError: "The camera is in use by another program. Close that and press Camera again, or open a photo.",
};

/** @returns {Promise<Source>} */
export async function film(file) {
  const url = URL.createObjectURL(file);
  try {
    const video = await play((video) => Object.assign(video, { src: url, loop: true }), file.name);
    const close = () => {
      video.removeAttribute("src");
      video.load();
      URL.revokeObjectURL(url);
    };
    return source("film", video, false, file.name, close);
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

function source(kind, video, mirror, name, close) {
  const stop = () => { video.pause(); close(); };
  // A camera that is turned changes its size.
  return { kind, picture: video, video, mirror, name, close: stop, get width() { return video.videoWidth; }, get height() { return video.videoHeight; } };
}

async function play(fill, name) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true });
  fill(video);
  try {
    await new Promise((done, fail) => Object.assign(video, { onloadeddata: done, onerror: fail }));
    await video.play();
  } catch {
    throw new Error(`${name} cannot be played by this browser. Films: save as MP4 (H.264) or WebM and try again.`);
  }
  return video;
}

/** A file that was dropped or chosen, as what it is. */
export function open(file) {
  if (file.type.startsWith("video/")) return film(file);
  return photo(file);
}
