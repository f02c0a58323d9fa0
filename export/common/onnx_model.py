"""Running a model of the contract (export/README.md) with ONNX Runtime on the CPU."""
import os

import numpy as np
import onnxruntime

from export.common import manifest
from export.common.pictures import fit


def session_options(threads):
    o = onnxruntime.SessionOptions()
    o.intra_op_num_threads, o.log_severity_level = threads, 3
    return o


def session(model, threads):
    """`model`: a path or the bytes of a file."""
    return onnxruntime.InferenceSession(model, session_options(threads), providers=['CPUExecutionProvider'])


def read(path, remedy):
    try:
        with open(path, 'rb') as f:
            return f.read()
    except OSError as e:
        raise SystemExit(f'{path}: {e.strerror}; {remedy}') from e


def to_u8(image):
    """PIL -> u8 (H,W,3)."""
    return np.asarray(image.convert('RGB'), np.uint8)


class OnnxModel:
    """Predictor, head, transformer and frozen transformer, from the folder of a model beside its predictor."""

    def __init__(self, folder, threads):
        self.threads = threads
        models = os.path.dirname(os.path.normpath(folder))
        entry = manifest.read(os.path.join(models, 'models.toml')).get('predictor', {})
        self.style_side = entry.get('style_side', manifest.STYLE_SIDE)
        paths = [os.path.join(models, entry.get('file', 'predictor.onnx'))]
        paths += [os.path.join(folder, f'{role}.onnx') for role in manifest.ROLES]
        remedy = 'name MODELS/NAME, the folder of a model beside its predictor.onnx, as export.ship.export writes them'
        *self.files, frozen = (read(f, remedy) for f in paths)
        self.predictor, self.head, self.transformer = (session(f, threads) for f in self.files)
        self.frozen = session(frozen, threads)

    def embed(self, style):
        """PIL picture -> embedding (1,D)."""
        return self.predictor.run(['bottleneck'], {'style': to_u8(fit(style, self.style_side))[None]})[0]

    def style_params(self, embedding):
        """Embedding (1,D) -> gammas and betas (1,P)."""
        return self.head.run(['style_params'], {'bottleneck': embedding})[0]
