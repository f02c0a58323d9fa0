"""Pack everything that training needs into one file of at most 40 MB, to be copied to a machine with a GPU.

  python -m export.train.pack --content PHOTOS --styles PAINTINGS --vgg VGG19.safetensors --models models --out PACK [--sample 1]

PACK is an uncompressed zip: photos and paintings as square JPEGs of 256 pixels, VGG-19 in int8 (a scale for each filter), and the
bundled models as starting weights. Another --sample draws other pictures. It is read by `python -m export.train --data PACK`.
"""
import argparse
import io
import json
import os
import pathlib
import random
import zipfile

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import load, load_file, save

from export.common.pictures import fit, picture_files
from export.common.pictures import load as load_picture

SIDE = 256  # pixels; crops are taken from these on the GPU
LIMIT = 40_000_000
QUALITY = 78
STARTING = ['predictor.onnx', *(f'{m}/{f}.onnx' for m in ('fine', 'live') for f in ('head', 'transformer'))]


def eight_bits(weights):
    """Convolutions in 8 bits: {name: int8, name.scale: float32 a filter}; biases in half precision."""
    out = {}
    for k, w in weights.items():
        w = np.asarray(w, np.float32)
        if w.ndim != 4:
            out[k] = w.astype(np.float16)
            continue
        scale = np.abs(w).max((1, 2, 3)) / 127
        out[k], out[k + '.scale'] = np.round(w / scale[:, None, None, None]).astype(np.int8), scale.astype(np.float32)
    return out


def widened(packed):
    """The inverse of eight_bits, in float32."""
    return {k: v.astype(np.float32) * packed[k + '.scale'][:, None, None, None] if v.dtype == np.int8 else v.astype(np.float32)
            for k, v in packed.items() if not k.endswith('.scale')}


def small(path, rng):
    """A random square of a picture as a JPEG of SIDE pixels."""
    image = fit(load_picture(path), SIDE)
    x, y = rng.randint(0, image.width - SIDE), rng.randint(0, image.height - SIDE)
    out = io.BytesIO()
    image.crop((x, y, x + SIDE, y + SIDE)).save(out, 'JPEG', quality=QUALITY)
    return out.getvalue()


class Pack:
    """A packed file, read: `pictures(kind)` u8 (N,3,SIDE,SIDE), `vgg()` {name: float32}, `extract(folder)` the models."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        self.about = json.loads(self.zip.read('about.json'))

    def pictures(self, kind):
        names = sorted(n for n in self.zip.namelist() if n.startswith(kind + '/'))
        decode = lambda n: np.asarray(Image.open(io.BytesIO(self.zip.read(n))).convert('RGB'))
        return torch.from_numpy(np.stack([decode(n) for n in names])).permute(0, 3, 1, 2).contiguous()

    def vgg(self):
        return widened(load(self.zip.read('vgg19.safetensors')))

    def extract(self, folder):
        for n in self.zip.namelist():
            if n.startswith('models/'):
                self.zip.extract(n, folder)
        return os.path.join(folder, 'models')


def main():
    a = argparse.ArgumentParser(prog='python -m export.train.pack', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--content', required=True, help='folder of photos')
    a.add_argument('--styles', required=True, help='folder of paintings')
    a.add_argument('--vgg', required=True, help='VGG-19 convolutions, safetensors')
    a.add_argument('--models', required=True, help='folder of the models to begin with')
    a.add_argument('--out', required=True, metavar='PACK')
    a.add_argument('--sample', type=int, default=1, help='which pictures are drawn')
    a.add_argument('--megabytes', type=float, default=LIMIT / 1e6, help='size of the whole (default %(default)s)')
    a.add_argument('--paintings', type=float, default=0.6, metavar='SHARE', help='of the room for pictures (default %(default)s)')
    o = a.parse_args()
    rng, limit = random.Random(o.sample), o.megabytes * 1e6
    keep = {k: v for k, v in load_file(o.vgg).items() if not k.startswith(('conv5_2', 'conv5_3', 'conv5_4'))}
    vgg = save(eight_bits(keep))
    start = {n: pathlib.Path(o.models, n).read_bytes() for n in STARTING if os.path.exists(os.path.join(o.models, n))}
    room = limit - len(vgg) - sum(map(len, start.values())) - 200_000
    counts = {}
    with zipfile.ZipFile(o.out + '.part', 'w', zipfile.ZIP_STORED) as z:
        z.writestr('vgg19.safetensors', vgg)
        for n, data in start.items():
            z.writestr('models/' + n, data)
        for kind, folder, share in [('style', o.styles, o.paintings), ('content', o.content, 1 - o.paintings)]:
            files, left = picture_files(folder), room * share
            rng.shuffle(files)
            counts[kind] = 0
            for path in files:
                data = small(path, rng)
                left -= len(data) + 150  # and what the zip says of it
                if left < 0:
                    break
                z.writestr(f'{kind}/{counts[kind]:05d}.jpg', data)
                counts[kind] += 1
        z.writestr('about.json', json.dumps({'sample': o.sample, 'side': SIDE, **counts}))
    os.replace(o.out + '.part', o.out)
    print(f"{o.out}: {os.path.getsize(o.out) / 1e6:.1f} MB, {counts['content']} photos, {counts['style']} paintings")


if __name__ == '__main__':
    main()
