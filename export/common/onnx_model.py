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
    """Predictor or table, head, transformer and frozen transformer, from the folder of a model beside its predictor."""

    def __init__(self, folder, threads):
        self.threads, self.folder = threads, folder
        models = os.path.dirname(os.path.normpath(folder))
        remedy = 'name MODELS/NAME, the folder of a model beside its predictor.onnx, as export.ship.export writes them'
        head, transformer, frozen = (read(os.path.join(folder, f'{role}.onnx'), remedy) for role in manifest.ROLES)
        self.files, self.predictor, self.table = [head, transformer], None, None
        table = os.path.join(folder, 'styles.toml')
        if os.path.exists(table):
            found = manifest.read(table)
            row = lambda style: np.array([style['values']], np.float32)  # (1,D)
            self.table, self.photo = {style['name']: row(style) for style in found['style']}, row(found['photo'])
        else:
            entry = manifest.read(os.path.join(models, 'models.toml')).get('predictor', {})
            self.style_side = entry.get('style_side', manifest.STYLE_SIDE)
            self.files.insert(0, read(os.path.join(models, entry.get('file', 'predictor.onnx')), remedy))
            self.predictor = session(self.files[0], threads)
        self.head, self.transformer, self.frozen = (session(f, threads) for f in (head, transformer, frozen))

    def embed(self, style, name=None):
        """PIL picture -> embedding (1,D); a table has that of `name`."""
        if self.table is None:
            return self.predictor.run(['bottleneck'], {'style': to_u8(fit(style, self.style_side))[None]})[0]
        if name not in self.table:
            raise SystemExit(f'{self.folder}: has no style {name}; its table has {", ".join(self.table)}')
        return self.table[name]

    def embed_photo(self, photo):
        """PIL picture -> the embedding (1,D) that gives it back, which strength 0 stands for."""
        return self.photo if self.table else self.embed(photo)

    def style_params(self, embedding):
        """Embedding (1,D) -> gammas and betas (1,P)."""
        return self.head.run(['style_params'], {'bottleneck': embedding})[0]
