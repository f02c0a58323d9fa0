"""A captioned sheet of pictures: a row for each pair, a column for each painter."""
import io

from PIL import Image, ImageDraw, ImageFont

from export.common import manifest

GAP = 6


def save(path, captions, rows, side):
    """rows: lists of PIL pictures of side x side pixels, as many as captions."""
    size = max(12, side // 16)
    head = size + 2 * GAP
    at = lambda i: i * (side + GAP)
    page = Image.new('RGB', (at(len(captions)) - GAP, head + at(len(rows)) - GAP), 'white')
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size)
    for x, caption in enumerate(captions):
        draw.text((at(x) + side // 2, head // 2), caption, 'black', font, anchor='mm')
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            page.paste(picture, (at(x), head + at(y)))
    whole = io.BytesIO()
    page.save(whole, 'PNG' if path.endswith('.png') else 'JPEG', quality=92)
    manifest.write_whole(path, whole.getvalue())
