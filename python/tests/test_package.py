"""The package: the command in it, the runtime library beside it, stubs and docstrings."""

import inspect
import os
import signal
import struct
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import impasto
import numpy as np
import pytest
from conftest import ROOT, save_png, scene


def open_bmp(path: Path) -> np.ndarray:
    """The pixels of a BMP file of 24 bits, from top to bottom."""
    data = path.read_bytes()
    start = struct.unpack_from("<I", data, 10)[0]
    width, height = struct.unpack_from("<ii", data, 18)
    stride = (width * 3 + 3) // 4 * 4
    rows = np.frombuffer(data, np.uint8, stride * abs(height), start).reshape(abs(height), stride)
    picture = rows[:, : width * 3].reshape(abs(height), width, 3)[:, :, ::-1]
    return picture[::-1] if height > 0 else picture


def run(command, *arguments, **options):
    return subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, timeout=100, check=False, **options)


@pytest.mark.parametrize(("size", "strength"), [((160, 120), 1.0), ((161, 97), 0.6), ((64, 48), 0.1)])
def test_the_same_picture_as_the_command(command, tmp_path, size, strength):
    photo, painting = scene(*size), scene(200, 150, seed=3)
    save_png(tmp_path / "photo.png", photo)
    save_png(tmp_path / "painting.png", painting)
    out = tmp_path / "out.bmp"
    line = ["stylize", tmp_path / "photo.png", "--style", tmp_path / "painting.png", "--threads", 1]
    done = run(command, *line, "--strength", strength, "-o", out)
    assert done.returncode == 0, done.stderr
    engine = impasto.Engine(threads=1)
    pastiche = engine.stylize(photo, engine.embed(painting), strength)
    assert np.array_equal(pastiche, open_bmp(out))


def test_the_command_is_the_program(command):
    version = run(command, "--version")
    assert (version.returncode, version.stdout) == (0, f"impasto {impasto.__version__}\n")
    assert "live" in run(command, "--help").stdout
    wrong = run(command, "stylize", "--nonsense")
    assert wrong.returncode == 2 and "--nonsense" in wrong.stderr
    missing = run(command, "stylize", "no.jpg", "--style", "@great-wave", "-o", "out.png")
    assert missing.returncode == 1 and missing.stderr.startswith("impasto: no.jpg: ")
    module = run(sys.executable, "-m", "impasto", "--version")
    assert module.stdout == version.stdout
    strange = run(command, "stylize", "\udcff.jpg", "--style", "@great-wave", "-o", "out.png")
    assert strange.returncode == 1 and "Traceback" not in strange.stderr


@pytest.fixture
def live(command, tiny, tmp_path):
    """A live session without window and camera."""
    save_png(tmp_path / "painting.png", scene(64, 64))
    source = ["--source", "test-card", "--capture", "64x48", "--size", "48", "--style", tmp_path / "painting.png"]
    return [command, "live", *source, "--model", tiny, "--json"]


def test_frames_on_standard_output_are_whole(live):
    done = subprocess.run([*live, "--frames", "2", "--sink", "y4m:-"], capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"YUV4MPEG2 W64 H48 ") and done.stdout.count(b"FRAME") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a process of its own")
def test_ctrl_c_ends_the_command(live):
    process = subprocess.Popen([*live, "--headless", "--sink", "null"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(2)
    assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=30)
    assert process.returncode in {0, 130} and "Traceback" not in said, (process.returncode, said)
    assert out.startswith("{") or process.returncode == 130


def test_the_runtime_is_that_of_the_package(command, tmp_path):
    library = Path(metadata.distribution("onnxruntime").locate_file("onnxruntime/capi"))
    code = "import sys, impasto; e = impasto.Engine(); print(e.runtime); print('onnxruntime' in sys.modules)"
    clean = {k: v for k, v in os.environ.items() if k not in {"ORT_DYLIB_PATH", "IMPASTO_CACHE"}}
    done = run(sys.executable, "-c", code, env=clean | {"IMPASTO_CACHE": str(tmp_path)})
    path, imported = done.stdout.splitlines()
    assert Path(path).parent.resolve() == library.resolve() and imported == "False"
    # What the user names goes before it.
    named = run(command, "doctor", env=clean | {"ORT_DYLIB_PATH": str(tmp_path)})
    assert named.returncode == 1 and str(tmp_path) in named.stdout


def test_it_gets_on_with_onnxruntime_in_one_process():
    code = """
import sys, numpy, impasto
if sys.argv[1] == "first":
    import onnxruntime
engine = impasto.Engine(threads=1)
photo = numpy.zeros((64, 64, 3), numpy.uint8)
a = engine.stylize(photo, engine.style("irises"))
import onnxruntime
session = onnxruntime.InferenceSession(sys.argv[2])
b = engine.stylize(photo, engine.style("irises"))
print(numpy.array_equal(a, b), session.get_inputs()[0].name)
"""
    for order in ["first", "last"]:
        done = run(sys.executable, "-c", code, order, ROOT / "models/live/head.onnx")
        assert done.stdout == "True bottleneck\n", done.stderr


def test_everything_is_documented():
    for kind in [impasto.Engine, impasto.Style]:
        assert kind.__module__ == "impasto"
        for name, member in inspect.getmembers(kind):
            if not name.startswith("_"):
                assert inspect.getdoc(member), f"{kind.__name__}.{name} has no docstring"
    assert "uint8" in impasto.Engine.__doc__ and "uint8" in impasto.__doc__


def test_the_stubs_have_the_signatures_of_the_extension():
    import ast

    package = Path(impasto.__file__).parent
    assert (package / "py.typed").exists()
    classes = {n.name: n for n in ast.parse((package / "_impasto.pyi").read_text()).body if isinstance(n, ast.ClassDef)}
    for kind in [impasto.Engine, impasto.Style]:
        stubs = {n.name: n for n in classes[kind.__name__].body if isinstance(n, ast.FunctionDef)}
        public = {name for name in dir(kind) if not name.startswith("_")}
        assert public == {name for name in stubs if not name.startswith("_")}
        for name in public:
            member = getattr(kind, name)
            if callable(member):
                arguments = stubs[name].args
                written = [a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
                real = list(inspect.signature(member).parameters)
                assert written == real, name


def test_the_example_paints(tmp_path):
    pytest.importorskip("PIL", reason="the example reads pictures with pillow")
    example = Path(__file__).parents[1] / "examples/paint.py"
    assert len([line for line in example.read_text().splitlines() if line.strip()]) <= 10
    save_png(tmp_path / "photo.png", scene(96, 64))
    save_png(tmp_path / "painting.png", scene(128, 96, seed=2))
    done = run(sys.executable, example, "photo.png", "painting.png", "out.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
