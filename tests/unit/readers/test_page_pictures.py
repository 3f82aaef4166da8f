"""Pages and pictures drawn anew: what is seen stays, nothing else does, and what is hostile costs only the limits."""

import io
import struct
import zlib

import pytest
from PIL import Image
from reportlab.pdfgen import canvas

from spbe_tasks import messages
from spbe_tasks.readers import confined, page_pictures
from spbe_tasks.rules.errors import InvalidInputError

LIMIT = confined.SECONDS  # as it is in the product


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said here is not about speed."""
    monkeypatch.setattr(confined, "SECONDS", 120)


pytestmark = pytest.mark.usefixtures("patient")


def _pdf(pages: int = 3, size: tuple[float, float] = (595, 842)) -> bytes:
    file = io.BytesIO()
    drawing = canvas.Canvas(file, pagesize=size)
    for number in range(1, pages + 1):
        drawing.setFillGray(0)
        drawing.rect(0, 0, 100 * number, size[1], fill=1)  # so that every page looks different
        drawing.showPage()
    drawing.save()
    return file.getvalue()


def _by_hand(*objects: bytes, box: bytes = b"0 0 100 100") -> bytes:
    """A PDF of one page written object by object; the first is the page's content."""
    fixed = (
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox["
        + box
        + b"]/Contents 5 0 R/Resources<</XObject<</F 6 0 R>>>>>>",
        b"<</S/JavaScript/JS(app.alert\\(1\\))>>",
    )
    body = b"%PDF-1.4\n"
    for number, each in enumerate((*fixed, *objects), start=1):
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    return body + b"trailer<</Root 1 0 R/Size %d>>\n%%%%EOF\n" % (len(objects) + 5)


def _stream(words: bytes, further: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(words), further, words)


def _endless() -> bytes:
    """Thirty forms, each drawing the next one ten times: 10^30 drawings in two kilobytes."""
    forms = []
    for number in range(30):
        next_form = b"/Resources<</XObject<</F %d 0 R>>>>" % (number + 7)
        forms.append(_stream(b"/F Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]" + next_form))
    last = _stream(b"0 0 100 100 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]")
    return _by_hand(_stream(b"/F Do"), *forms, last)


def _picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def _refusal(painter: str, data: bytes, *arguments: int) -> str:
    with pytest.raises(InvalidInputError) as refused:
        confined.draw(painter, data, *arguments)
    code = refused.value.problems[0].code
    assert code in messages.WORDS
    return code


def test_each_page_is_drawn_as_it_looks() -> None:
    data = _pdf()
    assert confined.draw(confined.PAGES, data) == b"3"
    for number in (1, 2, 3):
        page = _picture(confined.draw(confined.PAGE, data, number))
        assert page.format == "WEBP"
        assert (page.width, page.height) == (1_240, 1_754)
        edge = 100 * number * page.width // 595
        row = page.convert("L")
        assert (row.getpixel((edge - 20, 800)), row.getpixel((edge + 20, 800))) == (0, 255)


def test_a_page_that_is_not_there_is_refused_with_words() -> None:
    assert _refusal(confined.PAGE, _pdf(), 4) == "file.no_page"
    assert _refusal(confined.PAGE, _pdf(), 0) == "file.no_page"


@pytest.mark.parametrize("size", [(14_400, 14_400), (14_400, 3), (3, 14_400)])
def test_a_page_of_any_size_becomes_a_picture_of_ours(size: tuple[float, float]) -> None:
    page = _picture(confined.draw(confined.PAGE, _pdf(1, size), 1))
    assert page.width <= page_pictures.WIDTH
    assert page.height <= page_pictures.HEIGHT


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nnothing\n%%EOF", _pdf()[:300]])
def test_a_damaged_file_is_refused_with_words(data: bytes) -> None:
    assert _refusal(confined.PAGE, data, 1) == "file.broken"


def test_nothing_of_a_script_comes_along() -> None:
    data = _by_hand(_stream(b"0 0 50 100 re f"), _stream(b""))
    assert b"JavaScript" in data
    drawn = confined.draw(confined.PAGE, data, 1)
    assert b"JavaScript" not in drawn
    assert _picture(drawn).format == "WEBP"


def test_a_page_that_never_ends_costs_the_limits_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _endless()
    assert len(data) < 10_000
    monkeypatch.setattr(confined, "SECONDS", LIMIT)
    # PDFium ends the child when its memory is used up; on a slow machine the time is over first.
    assert _refusal(confined.PAGE, data, 1) in {"file.broken", "file.too_slow"}


def test_a_painter_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SECONDS", 1)
    assert _refusal("tests.unit.readers.hostile:paints_forever", b"") == "file.too_slow"


def _jpeg_with_place() -> bytes:
    photo = Image.new("RGB", (400, 200), "blue")
    photo.paste("red", (0, 0, 200, 200))
    notes = photo.getexif()
    notes[0x0112] = 6  # to be turned by a quarter
    notes[0x010F] = "KAMERA RAHASIA"
    notes.get_ifd(0x8825)[2] = (1.0, 50.0, 12.0)
    file = io.BytesIO()
    photo.save(file, "JPEG", exif=notes, comment=b"CATATAN RAHASIA", quality=95)
    return file.getvalue()


def test_a_photo_is_upright_and_says_neither_where_nor_by_what_it_was_taken() -> None:
    data = _jpeg_with_place()
    assert b"RAHASIA" in data
    drawn = confined.draw(confined.PICTURE, data)
    picture = _picture(drawn)
    assert (picture.width, picture.height) == (200, 400)
    assert b"RAHASIA" not in drawn
    assert dict(picture.getexif()) == {}
    assert not {"exif", "xmp", "icc_profile"} & picture.info.keys()
    top = picture.convert("RGB").getpixel((100, 100))
    assert isinstance(top, tuple)
    assert top[0] > 200 > top[2]  # red, which was on the left


def test_a_large_photo_becomes_a_small_picture() -> None:
    file = io.BytesIO()
    Image.new("RGB", (8_000, 6_000), "green").save(file, "JPEG")
    picture = _picture(confined.draw(confined.PICTURE, file.getvalue()))
    assert max(picture.size) <= page_pictures.HEIGHT


def test_what_is_transparent_is_shown_on_paper() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(file, "PNG")
    shown = _picture(confined.draw(confined.PICTURE, file.getvalue())).convert("L")
    assert shown.getpixel((10, 10)) == 255


def _bomb(width: int, height: int) -> bytes:
    """A PNG whose pixels, all of them black, fill gigabytes; the file itself is small."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compressobj(9)
    line = b"\x00" * (width + 1)
    pixels = b"".join(rows.compress(line) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(30_000, 2_001), (60_000, 999), (1_000, 59_000)])
def test_a_picture_that_would_fill_the_memory_is_refused_or_drawn_small(width: int, height: int) -> None:
    data = _bomb(width, height)
    assert len(data) < 200_000
    if width * height > page_pictures.MOST_PIXELS:
        assert _refusal(confined.PICTURE, data) == "file.too_big_inside"
    else:
        assert max(_picture(confined.draw(confined.PICTURE, data)).size) <= page_pictures.HEIGHT


@pytest.mark.parametrize("data", [b"", b"GIF89a" + b"\x00" * 100, _jpeg_with_place()[:200]])
def test_what_is_no_whole_png_or_jpeg_is_not_drawn(data: bytes) -> None:
    assert _refusal(confined.PICTURE, data) == "file.broken"
