"""Impasto paints photos in the style of any painting.

    import impasto

    engine = impasto.Engine()
    style = engine.embed(painting)  # or engine.style("great-wave")
    pastiche = engine.stylize(photo, style, strength=0.8)

Pictures are numpy arrays, uint8 of shape (H, W, 3). Nothing leaves the machine.
"""

from impasto import _runtime
from impasto._errors import (
    DeviceError,
    Error,
    InferenceError,
    InvalidError,
    ModelError,
    PictureError,
    RuntimeLibraryError,
    StyleError,
)
from impasto._impasto import Engine, Style, __version__

_runtime.bring()

__all__ = [
    "DeviceError",
    "Engine",
    "Error",
    "InferenceError",
    "InvalidError",
    "ModelError",
    "PictureError",
    "RuntimeLibraryError",
    "Style",
    "StyleError",
    "__version__",
]
