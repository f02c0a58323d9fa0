"""The part of impasto that is written in Rust."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Engine", "Style", "__version__", "bring", "main"]

__version__: str

@final
class Style:
    """A style: what the predictor network reads from a painting."""

    def __new__(cls, embedding: NDArray[np.float32], space: str, name: str | None = None) -> Style: ...
    @property
    def name(self) -> str | None: ...
    @property
    def embedding(self) -> NDArray[np.float32]: ...
    @property
    def space(self) -> str: ...
    def lerp(self, other: Style, t: float) -> Style: ...
    @staticmethod
    def mix(parts: Sequence[tuple[Style, float]]) -> Style: ...
    def distance(self, other: Style) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    __hash__: None  # type: ignore[assignment]

@final
class Engine:
    """Paints pictures in the style of paintings."""

    def __new__(
        cls,
        model: str | os.PathLike[str] | None = None,
        *,
        device: str = "auto",
        precision: str = "auto",
        threads: int | None = None,
        runtime: str | os.PathLike[str] | None = None,
        brush: float | Literal["auto"] = "auto",
        memory: int | None = None,
        tile: int | None = None,
        gallery: str | os.PathLike[str] | None = None,
    ) -> Engine: ...
    def embed(self, painting: NDArray[np.uint8], *, name: str | None = None) -> Style: ...
    def style(self, name: str) -> Style: ...
    def stylize(
        self,
        photo: NDArray[np.uint8],
        style: Style,
        strength: float = 1.0,
        *,
        out: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.uint8]: ...
    @property
    def styles(self) -> list[str]: ...
    @property
    def model(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def brush(self) -> float | Literal["auto"]: ...
    @property
    def runtime(self) -> Path: ...

def bring(library: str | os.PathLike[str]) -> None: ...
def main(arguments: Sequence[str], program: str | os.PathLike[str]) -> int: ...
