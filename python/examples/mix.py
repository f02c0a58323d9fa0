"""Paints a photo in fifteen mixtures of four styles: python mix.py PHOTO OUT (needs pillow)."""
import sys

import impasto
import numpy as np
from PIL import Image

photo = np.asarray(Image.open(sys.argv[1]).convert("RGB").resize((384, 288)))
engine = impasto.Engine()
corners = [engine.style(name) for name in ("great-wave", "the-scream", "irises", "flower-girl")]
rows = []
for y in (0, 0.5, 1):
    across = [(corners[0].lerp(corners[1], x), corners[2].lerp(corners[3], x)) for x in (0, 0.25, 0.5, 0.75, 1)]
    rows.append(np.concatenate([engine.stylize(photo, top.lerp(bottom, y)) for top, bottom in across], axis=1))
Image.fromarray(np.concatenate(rows)).save(sys.argv[2])
