"""Paints a folder of photos on all machines of a Ray cluster: see README.md.

    python stylize_ray.py photos/ -o painted/ --style @great-wave --workers 4

Ray carries paths only. Each worker is an actor that keeps one `impasto` running: it writes a line for each photo and reads
a line back. All machines must see the folders at the same places.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import ray
import ray.data

EXTENSIONS = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"}

# An engine that ends is begun again; one that ends each time has a fault that another start does not mend.
MOST_STARTS = 3


class Painter:
    """An actor that holds one engine: a process of `impasto` that lives as long as the actor."""

    def __init__(self, command):
        self.command = command
        self.engine = None

    def __call__(self, batch):
        rows = {"content": [], "status": [], "error": []}
        for content, output in zip(batch["content"], batch["output"]):
            answer = self.paint({"content": str(content), "output": str(output)})
            rows["content"].append(str(content))
            rows["status"].append(answer["status"])
            rows["error"].append(answer.get("error", ""))
        return rows

    def paint(self, request):
        # One line at a time: when this actor is killed, the engine finishes the photo in hand, finds the end of its
        # input and ends too, so that no engine is left behind with photos that another one paints meanwhile.
        for _ in range(MOST_STARTS):
            if self.engine is None or self.engine.poll() is not None:
                self.engine = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            try:
                self.engine.stdin.write(json.dumps(request) + "\n")
                self.engine.stdin.flush()
                line = self.engine.stdout.readline()
            except BrokenPipeError:
                line = ""
            if line:
                return json.loads(line)
            self.engine.wait()
        return {"status": "failed", "error": f"impasto ended with status {self.engine.returncode}; its log says why"}


def photos_below(folder, output):
    """Paths of all photos below a folder, and of their pictures below the output: the tree is kept."""
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in below.parts)
        if path.suffix.lower() in EXTENSIONS and path.is_file() and not hidden and output not in path.parents:
            # The extension stays in the name: a.jpg and a.png must not become one file.
            yield {"content": str(path), "output": str(below) + ".png"}


def main():
    parser = argparse.ArgumentParser(description="Paint a folder of photos on all machines of a Ray cluster.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder that all machines see")
    parser.add_argument("--style", action="append", required=True, help="as for `impasto stylize`")
    parser.add_argument("--workers", type=int, default=2, help="actors, each with one engine")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads of each engine")
    parser.add_argument("--impasto", default="impasto", help="the program, on every machine at this place")
    parser.add_argument("--address", help="of a cluster that runs; else one is begun on this machine")
    parser.add_argument("options", nargs="*", help="more options of `impasto stylize`, behind --")
    args = parser.parse_args()

    photos, output = args.photos.resolve(), args.output.resolve()
    rows = list(photos_below(photos, output))
    if not rows:
        sys.exit(f"{photos} holds no pictures")
    program = shutil.which(args.impasto)
    if program is None:
        sys.exit(f"{args.impasto} is not there; build it with `cargo build --release`, and name it with --impasto")
    command = [str(Path(program).resolve()), "stylize", "--paths-from", "-", "--json-lines", "--resume", "-o", str(output)]
    command += ["--threads", str(args.threads)]
    for style in args.style:
        # A painting's path must hold wherever the actor runs.
        command += ["--style", style if style.startswith("@") else str(Path(style).resolve())]
    command += args.options

    if args.address:
        ray.init(address=args.address)
    else:
        ray.init(num_cpus=args.workers * args.threads, include_dashboard=False)
    # Small blocks: what is lost with an actor is at most one, and its engine's list knows what of it was painted.
    data = ray.data.from_items(rows, override_num_blocks=min(len(rows), max(4 * args.workers, len(rows) // 16)))
    painted = data.map_batches(
        Painter,
        fn_constructor_args=[command],
        compute=ray.data.ActorPoolStrategy(size=args.workers),
        num_cpus=args.threads,
        batch_size=4,
    )
    counts = {"painted": 0, "skipped": 0, "failed": 0}
    began = time.monotonic()
    for row in painted.iter_rows():
        counts[row["status"]] += 1
        if row["status"] == "failed":
            print(f"{row['content']}: {row['error']}", file=sys.stderr)
    seconds = time.monotonic() - began
    rate = counts["painted"] / seconds
    print(json.dumps({**counts, "workers": args.workers, "seconds": round(seconds, 2), "per_second": round(rate, 3)}))
    return 2 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
