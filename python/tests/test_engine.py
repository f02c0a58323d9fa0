"""Engines: options, errors, threads and Ctrl-C."""

import pickle
import signal
import subprocess
import sys
import threading
import time

import impasto
import numpy as np
import pytest
from conftest import save_png, scene


def test_the_bundled_model_and_its_gallery(photo):
    engine = impasto.Engine(threads=2)
    assert engine.model == "fine"
    assert engine.device in {"cpu", "cuda", "directml", "openvino"} and engine.why
    assert "great-wave" in engine.styles and len(engine.styles) >= 12
    wave, irises = engine.style("great-wave"), engine.style("@irises")
    assert wave.name == "great-wave" and wave.space == engine.space and wave != irises
    pastiche = engine.stylize(photo, wave.lerp(irises, 0.5), strength=0.8)
    assert pastiche.shape == photo.shape and not np.array_equal(pastiche, photo)
    with pytest.raises(impasto.StyleError, match="did you mean @great-wave"):
        engine.style("grate-wave")
    assert engine.runtime.name.startswith(("libonnxruntime", "onnxruntime"))


def test_styles_of_your_own_are_found(command, tmp_path, photo):
    gallery = tmp_path / "styles.toml"
    painting = tmp_path / "stripes.png"
    save_png(painting, scene(64, 64, seed=9))
    added = subprocess.run(
        [command, "styles", "add", painting, "--name", "my-stripes", "--gallery", gallery, "--threads", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert added.returncode == 0, added.stderr
    engine = impasto.Engine(threads=1, gallery=gallery)
    assert engine.styles[-1] == "my-stripes" and engine.styles[0] == "great-wave"
    # The file keeps as many digits as a float32 needs.
    assert engine.style("my-stripes") == engine.embed(scene(64, 64, seed=9))
    gallery.write_text("no gallery [")
    with pytest.raises(impasto.StyleError, match="is not a gallery"):
        impasto.Engine(threads=1, gallery=gallery)


def test_options_are_taken(tiny, engine, style):
    assert (engine.model, engine.brush) == ("tiny", "auto")
    assert repr(engine).startswith('<impasto.Engine "tiny" on ')
    photo = scene(128, 96)
    coarse = impasto.Engine(tiny, threads=1, brush=2)
    assert coarse.brush == 2
    assert not np.array_equal(coarse.stylize(photo, style), engine.stylize(photo, style))
    assert coarse.stylize(photo, style).shape == photo.shape


def test_brush_auto_makes_strokes_larger_in_large_pictures(tiny, engine, style):
    photo = scene(1800, 64)
    by_hand = impasto.Engine(tiny, threads=1, brush=1.5)
    assert np.array_equal(engine.stylize(photo, style), by_hand.stylize(photo, style))


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"model": "nope"}, impasto.ModelError, "model 'nope'.*fine, live"),
        ({"model": "/no/folder"}, impasto.ModelError, "/no/folder"),
        ({"device": "gpu"}, impasto.InvalidError, "device: 'gpu'.*auto, cpu"),
        ({"device": "directml" if sys.platform != "win32" else "coreml"}, impasto.DeviceError, "is not available"),
        ({"precision": "fp8"}, impasto.InvalidError, "precision: 'fp8'.*f32, bf16, int8"),
        ({"precision": "int8", "device": "cuda"}, impasto.InvalidError, "only cpu can"),
        ({"threads": 0}, impasto.InvalidError, "threads: must be between 1 and 1024"),
        ({"threads": -3}, impasto.InvalidError, "threads: must be"),
        ({"tile": 5}, impasto.InvalidError, "tile: must be between"),
        ({"brush": 99}, impasto.InvalidError, "brush: 99 is not between"),
        ({"brush": "huge"}, impasto.InvalidError, "brush: 'huge'"),
        ({"brush": [2]}, TypeError, "brush: "),
        ({"threads": "two"}, TypeError, "int"),
        ({"runtime": "/no/library"}, impasto.RuntimeLibraryError, "/no/library.*does not exist"),
        ({"colour": 1}, TypeError, "colour"),
    ],
)
def test_wrong_options_are_refused(options, kind, said):
    with pytest.raises(kind, match=said):
        impasto.Engine(**options)


def test_strengths_out_of_range_are_refused(engine, style, photo):
    for strength in [-0.1, 1.1, float("nan"), float("inf")]:
        with pytest.raises(impasto.InvalidError, match=r"strength: .* is not between 0 and 1"):
            engine.stylize(photo, style, strength)
    for strength in ["1", None]:
        with pytest.raises(TypeError):
            engine.stylize(photo, style, strength)
    with pytest.raises(TypeError):
        engine.stylize(photo, "great-wave")


def test_too_little_memory_is_said_before_any_is_taken(tiny, style, photo):
    engine = impasto.Engine(tiny, memory=1)
    with pytest.raises(impasto.InvalidError, match=r"memory: .*allow more"):
        engine.stylize(photo, style)


def test_every_error_is_an_error_of_impasto():
    kinds = [getattr(impasto, name) for name in impasto.__all__ if name.endswith("Error")]
    assert len(kinds) == 8 and all(issubclass(kind, impasto.Error) for kind in kinds)
    assert issubclass(impasto.InvalidError, ValueError) and issubclass(impasto.PictureError, ValueError)
    assert all(kind.__module__ == "impasto" and kind.__doc__ for kind in kinds)


def test_an_engine_cannot_be_pickled(engine):
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(engine)


def test_two_threads_share_an_engine(engine, style):
    """Each paints its own picture, in its own style."""
    other = engine.embed(scene(80, 80, seed=5))
    cases = [(scene(64 + 9 * n, 48, seed=n), [style, other][n % 2], [1.0, 0.4][n // 2]) for n in range(4)]
    wanted = [engine.stylize(*case) for case in cases]
    wrong = []

    def paint(n):
        for _ in range(25):
            if not np.array_equal(engine.stylize(*cases[n]), wanted[n]):
                wrong.append(n)

    threads = [threading.Thread(target=paint, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_python_runs_on_while_a_picture_is_painted():
    """A second thread counts; it could not if the lock of Python were held."""
    engine = impasto.Engine(threads=1)
    photo, style = scene(640, 480), engine.style("irises")
    painting, counted = threading.Event(), []

    def count():
        painting.wait()
        while painting.is_set():
            counted.append(time.monotonic())
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    painting.set()
    began = time.monotonic()
    engine.stylize(photo, style)
    ended = time.monotonic()
    painting.clear()
    counter.join()
    # In the middle of the call, not only before and after it.
    third = (ended - began) / 3
    assert any(began + third < when < ended - third for when in counted)


def test_a_picture_that_is_painted_into_is_not_read(tiny, style):
    """Two calls with one array, the one reading while the other writes: refused or one after the other, never mixed."""
    engines = [impasto.Engine(tiny, threads=1) for _ in range(2)]
    photo, shared = scene(256, 256), np.zeros((256, 256, 3), np.uint8)
    wanted = engines[0].stylize(photo, style)
    refused = []

    def paint(engine):
        for _ in range(20):
            try:
                engine.stylize(photo, style, out=shared)
            except impasto.InvalidError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=paint, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("being painted" in error for error in refused)
    assert np.array_equal(shared, wanted)


TILES = """
import impasto, numpy, sys
engine = impasto.Engine(sys.argv[1], threads=1, tile=128, brush=1)
photo = numpy.zeros((6000, 6000, 3), numpy.uint8)
style = engine.embed(photo[:64, :64])
print("painting", flush=True)
engine.stylize(photo, style)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a process of its own")
def test_ctrl_c_ends_a_picture_in_tiles(tiny):
    process = subprocess.Popen(
        [sys.executable, "-c", TILES, tiny],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Shells let their background jobs ignore it, and these tests may be one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout.readline() == "painting\n"
    # In the middle of it on any machine: the fastest takes 0.4 s.
    time.sleep(0.1)
    assert process.poll() is None, "done before it could be stopped"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in said and process.returncode in {1, 130, -signal.SIGINT}
