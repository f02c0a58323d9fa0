"""Styles as values: numbers in and out, mixtures, pickles."""

import copy
import pickle

import impasto
import numpy as np
import pytest


def of(*numbers, space="s"):
    return impasto.Style(np.array(numbers, np.float32), space)


def test_a_style_is_its_numbers(style):
    assert style.name == "a scene"
    numbers = style.embedding
    assert numbers.dtype == np.float32 and numbers.ndim == 1
    with pytest.raises(ValueError, match="read-only"):
        numbers[0] = 1
    again = impasto.Style(numbers, style.space)
    assert again == style and again.name is None
    assert impasto.Style(numbers + 1, style.space) != style
    assert impasto.Style(numbers, "another") != style
    assert style != 3
    assert repr(style) == f'<impasto.Style "a scene", {len(numbers)} numbers>'


def test_lerp_and_mix(style):
    a, b = of(0, 2), of(4, -2)
    assert a.lerp(b, 0) == a and a.lerp(b, 1) == b
    assert a.lerp(b, 0.5) == of(2, 0)
    assert impasto.Style.mix([(a, 3), (b, 1)]) == of(1, 1)
    assert a.mix([(a, 1)]) == a
    assert a.distance(b) == pytest.approx(32**0.5)


def test_nonsense_is_refused(style):
    a = of(1, 2)
    for made, said in [
        (lambda: impasto.Style.mix([]), "at least one"),
        (lambda: impasto.Style.mix([(a, 1), (a, -1)]), "sum to zero"),
        (lambda: impasto.Style.mix([(a, float("nan"))]), "not a finite number"),
        (lambda: a.lerp(of(1, 2, space="other"), 0.5), "different networks"),
        (lambda: a.lerp(a, float("inf")), "not a finite number"),
        (lambda: a.distance(style), "different networks"),
        (lambda: of(), "no values"),
        (lambda: of(1, float("nan")), "not a finite number"),
    ]:
        with pytest.raises(impasto.InvalidError, match=said):
            made()
    for made in [
        lambda: impasto.Style("numbers", "s"),
        lambda: impasto.Style(np.zeros((2, 2), np.float32), "s"),
        lambda: impasto.Style.mix([a, a]),
        lambda: a.lerp("b", 0.5),
    ]:
        with pytest.raises((TypeError, ValueError)):
            made()


def test_styles_survive_pickle_and_copy(engine, style, photo):
    for again in [pickle.loads(pickle.dumps(style)), copy.copy(style), copy.deepcopy(style)]:
        assert again == style and again.name == style.name and again.space == style.space
        assert np.array_equal(engine.stylize(photo, again), engine.stylize(photo, style))


def test_a_style_of_another_model_is_refused(engine, photo):
    for other in [of(1, 2), impasto.Style(np.zeros(3, np.float32), engine.space)]:
        with pytest.raises(impasto.StyleError, match="another model's predictor"):
            engine.stylize(photo, other)
