"""Finds ONNX Runtime's shared library in the package onnxruntime."""

import importlib.util
from pathlib import Path

from impasto import _impasto


def bring() -> None:
    """Tell the extension where the library lies.

    The package is not imported: that takes time, and only the library in it is used. Where it is missing the extension
    says so when the library is needed.
    """
    spec = importlib.util.find_spec("onnxruntime")
    for folder in (spec and spec.submodule_search_locations) or []:
        _impasto.bring(Path(folder) / "capi")
