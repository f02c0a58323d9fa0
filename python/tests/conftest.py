"""What the tests share: pictures, engines and the command."""

import faulthandler
import os
import shutil
import struct
import sysconfig
import zlib
from pathlib import Path

import impasto
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]

# Nobody's own styles.
os.environ["IMPASTO_GALLERY"] = str(ROOT / "no" / "styles.toml")

# A test that hangs ends the run, with the stacks of all threads: no test takes a minute.
TIMEOUT = 120


@pytest.fixture(autouse=True)
def no_test_hangs():
    """Each test ends in time."""
    faulthandler.dump_traceback_later(TIMEOUT, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def scene(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A picture with flat parts, edges and some noise, (height, width, 3)."""
    random = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    disc = (x - 0.4) ** 2 + (y - 0.5) ** 2 < 0.06
    planes = [x * 200, 60 + 150 * y, np.where(disc, 230, 40)]
    noise = random.integers(0, 25, (height, width, 3))
    return (np.stack(planes, axis=2) + noise).astype(np.uint8)


def save_png(path: Path, picture: np.ndarray) -> None:
    """A PNG file, by hand: the tests need no package for pictures."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = picture.shape
    rows = np.pad(picture.reshape(height, -1), ((0, 0), (1, 0))).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


@pytest.fixture(scope="session")
def tiny() -> str:
    """The folder of a model that paints at once, and not well."""
    return str(ROOT / "tests/data/tiny")


@pytest.fixture(scope="session")
def engine(tiny: str) -> impasto.Engine:
    return impasto.Engine(tiny, threads=1)


@pytest.fixture(scope="session")
def style(engine: impasto.Engine) -> impasto.Style:
    return engine.embed(scene(90, 70, seed=1), name="a scene")


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    return scene(64, 48)


@pytest.fixture(scope="session")
def command() -> str:
    """The command that the package brings."""
    found = shutil.which("impasto", path=sysconfig.get_path("scripts"))
    assert found, "the command is not beside this Python"
    return found
