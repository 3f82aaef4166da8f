"""Pages of PDFs and pictures drawn anew as plain pictures. Only for the confined child: it loads PDFium and Pillow.

What comes out is made of pixels alone: no script, link, attachment, place or camera of the original is left.
"""

import io

import pypdfium2 as pdfium
from PIL import Image, ImageOps

from spbe_tasks.rules.errors import InvalidInputError

# Our own figures, in pixels: a page of A4 as sharp as 150 dots per inch, readable on a phone when it is enlarged.
WIDTH, HEIGHT = 1_240, 1_754
# A photo of the newest phones has 50 million; what is larger is no picture of a document.
MOST_PIXELS = 60_000_000
_QUALITY = 80
_PAPER = "white"


def count_pages(data: bytes) -> bytes:
    """How many pages a PDF has, in digits. Raises InvalidInputError as ``draw_page``."""
    return str(len(_open(data))).encode()


def draw_page(data: bytes, number: int) -> bytes:
    """Page ``number`` (from 1) as WebP, no larger than ``WIDTH`` × ``HEIGHT``.

    Raises InvalidInputError: ``file.encrypted``, ``file.broken``, and ``file.no_page`` when there is no such page.
    """
    document = _open(data)
    if not 1 <= number <= len(document):
        raise InvalidInputError.of("file.no_page", pages=len(document))
    try:
        page = document[number - 1]
        across, down = page.get_size()
        scale = min(WIDTH / max(across, 1), HEIGHT / max(down, 1))
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil()
    except pdfium.PdfiumError as error:
        raise InvalidInputError.of("file.broken") from error
    return _written(drawn)


def draw_picture(data: bytes) -> bytes:
    """A PNG or JPEG picture as WebP, upright, no larger than ``HEIGHT`` on a side.

    Raises InvalidInputError: ``file.broken``, and ``file.too_big_inside`` for more than ``MOST_PIXELS``.
    """
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        if picture.width * picture.height > MOST_PIXELS:
            raise InvalidInputError.of("file.too_big_inside")
        picture.draft("RGB", (HEIGHT, HEIGHT))  # a JPEG is read at a half, a fourth or an eighth of its size
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((HEIGHT, HEIGHT))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInputError.of("file.broken") from error
    return _written(upright)


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        is_locked = error.err_code in (pdfium.raw.FPDF_ERR_PASSWORD, pdfium.raw.FPDF_ERR_SECURITY)
        raise InvalidInputError.of("file.encrypted" if is_locked else "file.broken") from error


def _written(drawn: Image.Image) -> bytes:
    """On new paper, so that nothing goes along but what can be seen."""
    paper = Image.new("RGB", drawn.size, _PAPER)
    with_holes = drawn.convert("RGBA") if drawn.mode in ("RGBA", "LA", "PA", "P") else None
    paper.paste(with_holes or drawn.convert("RGB"), mask=with_holes)
    sheet = io.BytesIO()
    paper.save(sheet, "WEBP", quality=_QUALITY, method=2)
    return sheet.getvalue()
