// Saving: the picture as PNG, and clips of the canvas by MediaRecorder.

/** Formats of clips in order of preference: what other programs play comes first. */
const FORMATS = ["video/mp4;codecs=avc1.640028", "video/mp4", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];
const FPS = 30;
/** Clips are kept in memory until they are saved, so they end by themselves at this size. */
const MOST_BYTES = 400e6;

/** Give the user a file. */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const stamp = () => new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-");

/** Save what the canvas shows, at `width` x `height`. */
export async function savePicture(canvas, width, height) {
  const out = document.createElement("canvas");
  [out.width, out.height] = [width, height];
  const context = out.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, width, height);
  const blob = await new Promise((done) => out.toBlob(done, "image/png"));
  if (!blob) throw new Error("The picture is too large to be saved here. Choose a larger brush or a smaller photo.");
  const name = `impasto-${stamp()}.png`;
  download(blob, name);
  return name;
}

export class Recorder {
  /** @param {HTMLCanvasElement} canvas @param {(name: string) => void} onsaved */
  constructor(canvas, onsaved) {
    Object.assign(this, { canvas, onsaved });
  }

  get isOn() {
    return Boolean(this.recorder);
  }

  start() {
    const type = self.MediaRecorder && FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    if (!type || !this.canvas.captureStream) throw new Error("This browser cannot record. Use a current Chrome, Edge, Firefox or Safari.");
    const stream = this.canvas.captureStream(FPS);
    const recorder = (this.recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 8e6 }));
    const parts = [];
    let bytes = 0;
    recorder.ondataavailable = ({ data }) => {
      if (data.size) parts.push(data);
      bytes += data.size;
      if (bytes > MOST_BYTES) this.stop();
    };
    recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      const kind = recorder.mimeType || type;
      const name = `impasto-${stamp()}.${kind.includes("mp4") ? "mp4" : "webm"}`;
      download(new Blob(parts, { type: kind }), name);
      this.onsaved(name);
    };
    recorder.start(1000);
  }

  /** A hidden page paints nothing, so its clip waits. */
  wait(hidden) {
    if (this.isOn && hidden && this.recorder.state === "recording") this.recorder.pause();
    else if (this.isOn && !hidden && this.recorder.state === "paused") this.recorder.resume();
  }

  stop() {
    const { recorder } = this;
    this.recorder = undefined;
    if (recorder && recorder.state !== "inactive") recorder.stop();
  }
}
