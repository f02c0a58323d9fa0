"""Arrays of all kinds: what is a picture is painted, what is none is refused with the remedy."""

import re

import impasto
import numpy as np
import pytest
from conftest import scene


def with_alpha(photo):
    return np.dstack([photo, photo[:, :, :1]])


LAYOUTS = {
    "fortran order": np.asfortranarray,
    "planes": lambda a: np.ascontiguousarray(a.transpose(2, 0, 1)).transpose(1, 2, 0),
    "every second pixel": lambda a: a.repeat(2, axis=0).repeat(2, axis=1)[::2, ::2],
    "rows backwards": lambda a: a[::-1].copy()[::-1],
    "blue first": lambda a: a[:, :, ::-1].copy()[:, :, ::-1],
    "part of rgba": lambda a: with_alpha(a)[:, :, :3],
    "part of a larger picture": lambda a: np.pad(a, ((3, 4), (5, 6), (0, 0)))[3:-4, 5:-6],
    "memory that begins at an odd address": lambda a: np.frombuffer(b"x" + a.tobytes(), np.uint8, offset=1).reshape(a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_gives_the_same_picture(engine, style, photo, layout):
    array = LAYOUTS[layout](photo)
    assert np.array_equal(array, photo)
    before = array.copy()
    for strength in [1.0, 0.5]:
        wanted = engine.stylize(photo, style, strength)
        assert np.array_equal(engine.stylize(array, style, strength), wanted)
    assert engine.embed(array) == engine.embed(photo)
    assert np.array_equal(array, before)


def test_read_only_arrays_are_read(engine, style, photo):
    locked = photo.copy()
    locked.setflags(write=False)
    assert np.array_equal(engine.stylize(locked, style), engine.stylize(photo, style))
    mapped = np.frombuffer(photo.tobytes(), np.uint8).reshape(photo.shape)
    assert engine.embed(mapped) == engine.embed(photo)


def test_the_pastiche_is_an_array_of_its_own(engine, style, photo):
    pastiche = engine.stylize(photo, style)
    assert pastiche.shape == photo.shape and pastiche.dtype == np.uint8
    assert pastiche.flags.owndata and pastiche.flags.c_contiguous and pastiche.flags.writeable
    again = engine.stylize(photo, style)
    pastiche[:] = 0
    assert again.any(), "two pastiches share their memory"


def test_strength_0_is_the_photo(engine, style, photo):
    assert np.array_equal(engine.stylize(photo, style, strength=0), photo)
    assert not np.array_equal(engine.stylize(photo, style), photo)


REFUSED = {
    "float64": (lambda a: a / 255, TypeError, "float64.*(photo * 255).astype(numpy.uint8)"),
    "float32": (lambda a: a.astype(np.float32), TypeError, "float32.*astype(numpy.uint8)"),
    "uint16": (lambda a: a.astype(np.uint16) * 257, TypeError, "uint16.*photo // 257"),
    "int64": (lambda a: a.astype(int), TypeError, "int64.*photo.astype"),
    "bool": (lambda a: a > 99, TypeError, "bool.*255"),
    "objects": (lambda a: a.astype(object), TypeError, "object.*an array of numbers"),
    "structures": (lambda a: np.zeros((48, 64, 3), [("r", "u1")]), TypeError, "an array of numbers"),
    "list": (lambda a: a.tolist(), TypeError, "a list, not a numpy array; try numpy.asarray(photo)"),
    "none": (lambda a: None, TypeError, "NoneType, not a numpy array"),
    "rgba": (with_alpha, impasto.PictureError, "(48, 64, 4).*photo[:, :, :3]"),
    "grey": (lambda a: a[:, :, 0], impasto.PictureError, "(48, 64).*numpy.stack.*palette"),
    "grey with an axis": (lambda a: a[:, :, :1], impasto.PictureError, "(48, 64, 1).*repeat(3, axis=2)"),
    "channels first": (lambda a: a.transpose(2, 0, 1), impasto.PictureError, "(3, 48, 64).*transpose(1, 2, 0)"),
    "batch": (lambda a: a[None], impasto.PictureError, "(1, 48, 64, 3).*photo[0]"),
    "number": (lambda a: np.uint8(3) + np.zeros((), np.uint8), TypeError, "not a numpy array"),
    "no axis": (lambda a: np.zeros((), np.uint8), impasto.PictureError, "shape ()"),
    "row": (lambda a: a[0, 0], impasto.PictureError, "(3,)"),
    "empty": (lambda a: a[:0], impasto.PictureError, "64x0 pixels; at least 16x16"),
    "too small": (lambda a: a[:15], impasto.PictureError, "64x15 pixels; at least 16x16"),
    # Arrays that repeat one pixel: larger than any memory.
    "huge": (lambda a: np.broadcast_to(a[:1, :1], (10**6, 10**6, 3)), impasto.InvalidError, "memory: .*smaller size"),
    "wide": (lambda a: np.broadcast_to(a[:1, :1], (16, 2**33, 3)), impasto.PictureError, "2^32"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_picture_is_refused_with_the_remedy(engine, style, photo, case):
    made, kind, said = REFUSED[case]
    pattern = ".*".join(re.escape(part) for part in said.split(".*"))
    with pytest.raises(kind, match=pattern):
        engine.stylize(made(photo), style)


def test_paintings_are_checked_too(engine, photo):
    with pytest.raises(TypeError, match=r"painting: has the dtype float64.*\(painting \* 255\)"):
        engine.embed(photo / 255)
    with pytest.raises(impasto.PictureError, match="style picture is 64x9 pixels"):
        engine.embed(photo[:9])
    for shape in [(10**6, 10**6, 3), (16, 20000, 3), (2**33, 16, 3)]:
        with pytest.raises(impasto.PictureError, match=r"over the limit|more than 2"):
            engine.embed(np.broadcast_to(photo[:1, :1], shape))


def test_out_is_painted_into_and_given_back(engine, style, photo):
    out = np.full_like(photo, 7)
    assert engine.stylize(photo, style, out=out) is out
    assert np.array_equal(out, engine.stylize(photo, style))
    film = np.zeros((3, *photo.shape), np.uint8)
    engine.stylize(photo, style, 0.1, out=film[1])
    assert np.array_equal(film[1], engine.stylize(photo, style, 0.1))
    assert not film[0].any() and not film[2].any()


def test_an_out_that_does_not_fit_is_refused(engine, style, photo):
    locked = np.zeros_like(photo)
    locked.setflags(write=False)
    own = photo.copy()
    for out, said in [
        (np.zeros((64, 48, 3), np.uint8), r"\(64, 48, 3\), but photo has \(48, 64, 3\)"),
        (np.zeros(photo.shape, np.uint8, order="F"), r"numpy.empty\(\(48, 64, 3\), numpy.uint8\)"),
        (np.zeros((48, 128, 3), np.uint8)[:, ::2], "gaps"),
        (locked, "read-only"),
        (own, "shares its memory with the photo"),
    ]:
        with pytest.raises(impasto.InvalidError, match=said):
            engine.stylize(own, style, out=out)
    with pytest.raises(TypeError, match="out: has the dtype float64"):
        engine.stylize(photo, style, out=np.zeros(photo.shape))
    assert np.array_equal(own, photo)


def test_pictures_in_tiles_are_those_in_one_piece(tiny, engine, style):
    photo = scene(300, 200)
    tiled = impasto.Engine(tiny, threads=1, tile=128).stylize(photo, style)
    # Sums in another order round differently.
    assert np.abs(tiled.astype(int) - engine.stylize(photo, style)).max() <= 2
