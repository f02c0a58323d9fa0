"""Paints a photo in the style of a painting: python paint.py PHOTO PAINTING OUT (needs pillow)."""
import sys

import impasto
import numpy as np
from PIL import Image

photo, painting = (np.asarray(Image.open(path).convert("RGB")) for path in sys.argv[1:3])
engine = impasto.Engine()
pastiche = engine.stylize(photo, engine.embed(painting), strength=0.8)
Image.fromarray(pastiche).save(sys.argv[3])
