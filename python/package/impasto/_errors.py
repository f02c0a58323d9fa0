"""The exceptions. Each message names the thing and the remedy, as the command prints it."""


class Error(Exception):
    """Any error of impasto; the classes below are its kinds."""

    __module__ = "impasto"


class InvalidError(Error, ValueError):
    """An argument has a value that makes no sense here."""

    __module__ = "impasto"


class PictureError(Error, ValueError):
    """An array is no picture, or one that is too small or too large."""

    __module__ = "impasto"


class StyleError(Error):
    """A style is in no gallery, or belongs to another model."""

    __module__ = "impasto"


class ModelError(Error):
    """A model is not known, or its files cannot be used."""

    __module__ = "impasto"


class RuntimeLibraryError(Error):
    """ONNX Runtime's shared library was not found, or cannot be used."""

    __module__ = "impasto"


class DeviceError(Error):
    """A device that was named is not available here."""

    __module__ = "impasto"


class InferenceError(Error):
    """A network failed while it ran."""

    __module__ = "impasto"
