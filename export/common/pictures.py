"""Reading pictures: files below a folder, PIL pictures, tensors, and the distance between two pictures."""
import glob
import os

import numpy as np
from PIL import Image, ImageFile

ImageFile.LOAD_TRUNCATED_IMAGES = False
ENDINGS = ('.jpg', '.jpeg', '.png', '.webp', '.bmp')


def picture_files(path):
    """A file, or every picture below a folder, sorted."""
    if os.path.isfile(path):
        return [path]
    found = sorted(f for f in glob.glob(os.path.join(path, '**', '*'), recursive=True) if f.lower().endswith(ENDINGS))
    if not found:
        raise SystemExit(f'{path}: no pictures here (looked for {", ".join(ENDINGS)})')
    return found


def load(path):
    return Image.open(path).convert('RGB')


def to_tensor(image):
    """PIL -> (3,H,W) float in 0..1."""
    import torch  # here, as models are read and compared without it

    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255


def fit(image, short):
    """Resize so that the short side is `short` pixels."""
    s = short / min(image.size)
    return image.resize((max(short, round(image.width * s)), max(short, round(image.height * s))), Image.LANCZOS)


def psnr(a, b):
    """Peak signal-to-noise ratio of two u8 pictures in dB; 108 for equal ones."""
    difference = np.asarray(a, np.float32) - np.asarray(b, np.float32)
    return 20 * np.log10(255 / max(np.sqrt(np.square(difference).mean()), 1e-3))
