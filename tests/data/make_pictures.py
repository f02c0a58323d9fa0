"""Makes the pictures beside it that Rust's `image` crate cannot write. Needs Pillow; run in this folder.

Every picture is 16x8: a left half of one colour and a right half of another, as RGB_LEFT and RGB_RIGHT.
"""

import io

from PIL import Image

RGB_LEFT, RGB_RIGHT = (204, 51, 102), (30, 160, 90)


def halves(mode, left, right):
    picture = Image.new(mode, (16, 8), left)
    picture.paste(right, (8, 0, 16, 8))
    return picture


def cmyk(rgb):
    """Ink that gives `rgb` by (255 - ink) * (255 - black) / 255, with some black in it."""
    black = 255 - max(rgb)
    return (*tuple(round(255 - c * 255 / (255 - black)) for c in rgb), black)


def inked():
    return halves("CMYK", cmyk(RGB_LEFT), cmyk(RGB_RIGHT))


def ycck():
    """Adobe's YCCK: cyan, magenta and yellow as YCbCr, beside inverted black.

    Pillow writes CMYK inverted and with transform 0; the planes are prepared so that the inversion gives the values
    wanted, and the transform flag in the APP14 segment is set to 2 afterwards.
    """
    c, m, y, k = inked().split()
    stored = Image.merge("RGB", [c, m, y]).convert("YCbCr").split()
    planes = [plane.point(lambda v: 255 - v) for plane in stored]
    out = io.BytesIO()
    Image.merge("CMYK", [*planes, k]).save(out, "JPEG", quality=95, subsampling=0)
    data = bytearray(out.getvalue())
    data[data.index(b"Adobe") + 11] = 2
    return bytes(data)


inked().save("cmyk.jpg", quality=95, subsampling=0)
with open("ycck.jpg", "wb") as file:
    file.write(ycck())
inked().save("cmyk.tif")

palette = halves("P", 0, 1)
palette.putpalette([*RGB_LEFT, *RGB_RIGHT])
palette.save("palette.png", bits=1)
palette.save("palette.tif")
halves("RGB", RGB_LEFT, RGB_RIGHT).save("progressive.jpg", quality=95, subsampling=0, progressive=True)
