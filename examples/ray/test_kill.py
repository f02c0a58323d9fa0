"""Kills an actor and an engine in the middle of the work, and looks whether a picture is lost or painted twice.

    python test_kill.py --impasto ../../target/release/impasto [--rates]

Two workers paint generated photos. When a third of the pictures is there, the process of one actor is killed (-9); when
two thirds are there, an engine is. Afterwards every picture must be there, byte for byte as without Ray, and stand in
the lists of finished work exactly once. With --rates, the pictures a second of one and two workers follow. Linux only.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
from PIL import Image

HERE = Path(__file__).resolve().parent


def make_photos(folder, count, side):
    """Photos that differ, in two folders with the same names."""
    y, x = numpy.mgrid[0:side, 0:side] / side
    for n in range(count):
        waves = [numpy.sin(9 * (x * k + y * (n % 7)) + n) for k in (1, 2, 3)]
        pixels = numpy.stack([127 + 120 * wave for wave in waves], axis=-1).astype(numpy.uint8)
        path = folder / ("even" if n % 2 == 0 else "odd") / f"photo{n // 2:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path, quality=92)


def pictures(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.png")}


def lists(folder):
    """The lines of all lists of finished work."""
    lines = []
    for path in folder.glob(".impasto-done*.jsonl"):
        lines += [json.loads(line) for line in path.read_text().splitlines() if line]
    return lines


def engines(output):
    """The processes of impasto that paint into a folder, and their parents, the actors."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"--paths-from" in words and str(output).encode() in words:
                parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
                found.append((int(process.name), parent))
        except (OSError, ValueError):
            continue
    return sorted(found)


def start(args, photos, output, workers):
    command = [sys.executable, HERE / "stylize_ray.py", photos, "-o", output, "--impasto", args.impasto]
    command += ["--workers", str(workers), "--style", args.style]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process):
    out, _ = process.communicate(timeout=600)
    assert process.returncode == 0, f"status {process.returncode}: {out}"
    # Ray writes to standard output too.
    return json.loads([line for line in out.splitlines() if line.startswith('{"painted"')][-1])


def wait_for(process, output, count):
    while len(list(output.rglob("*.png"))) < count:
        assert process.poll() is None, "ended before it was killed: give it more pictures"
        time.sleep(0.02)


def kill(process, output, count, what):
    wait_for(process, output, count)
    engine, actor = engines(output)[0]
    victim = actor if what == "actor" else engine
    os.kill(victim, signal.SIGKILL)
    print(f"killed {what} {victim} with {len(list(output.rglob('*.png')))} pictures there", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--impasto", required=True)
    parser.add_argument("--style", default="@great-wave")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--side", type=int, default=384)
    parser.add_argument("--rates", action="store_true")
    args = parser.parse_args()
    args.impasto = str(Path(args.impasto).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch).resolve()
        photos, output, plain = scratch / "photos", scratch / "painted", scratch / "plain"
        make_photos(photos, args.count, args.side)

        process = start(args, photos, output, 2)
        kill(process, output, args.count // 3, "actor")
        kill(process, output, 2 * args.count // 3, "engine")
        report = finish(process)
        print("after the kills:", json.dumps(report))

        # The same without Ray.
        for part in ("even", "odd"):
            command = [args.impasto, "stylize", photos / part, "-o", plain / part, "--style", args.style, "--threads", "1"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        expected = {name.replace(".png", ".jpg.png"): data for name, data in pictures(plain).items()}
        found = pictures(output)
        assert found.keys() == expected.keys(), f"lost: {sorted(expected.keys() - found.keys())}"
        different = [name for name in expected if found[name] != expected[name]]
        assert not different, f"not as without Ray: {different}"

        lines = lists(output)
        names = [line["output"] for line in lines]
        assert sorted(names) == sorted(expected), "a picture is missing in the lists, or stands there twice"
        for line in lines:
            assert hashlib.sha256(found[line["output"]]).hexdigest() == line["sha256"], line["output"]
        assert report["painted"] + report["skipped"] == args.count and report["failed"] == 0
        strays = list(output.rglob("*.part"))
        assert not [path for path in output.rglob("*") if path.suffix not in {".png", ".jsonl", ".lock", ".part", ""}]
        print(f"{args.count} pictures: none lost, none twice, all as without Ray; {len(strays)} half-written files of the")
        print("killed engine under other names")

        again = finish(start(args, photos, output, 2))
        assert again["skipped"] == args.count, again
        print("again:", json.dumps(again))
        if args.rates:
            for workers in (1, 2):
                print(json.dumps(finish(start(args, photos, scratch / f"rate{workers}", workers))), flush=True)


if __name__ == "__main__":
    main()
