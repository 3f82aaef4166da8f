import struct

import pytest

from spbe_tasks.readers.images import Limits, Picture, find_picture, read_picture
from spbe_tasks.rules.errors import InvalidInputError

LIMITS = Limits(size=1024, side=100)


def png(width: int = 40, height: int = 30) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + b"crc!" + b"rest"


def jpeg(width: int = 40, height: int = 30, marker: int = 0xC2, before: bytes = b"") -> bytes:
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0".ljust(14, b"\0")
    frame = b"\xff" + bytes([marker]) + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\0" * 9
    return b"\xff\xd8" + app0 + before + frame + b"\xff\xda\0\x0c"


def test_png_and_jpeg_are_known_by_their_bytes() -> None:
    assert find_picture(png()) == Picture("image/png", 40, 30)
    assert find_picture(jpeg()) == Picture("image/jpeg", 40, 30)


def test_a_jpeg_table_is_not_taken_for_a_frame() -> None:
    table = b"\xff\xc4" + struct.pack(">H", 8) + b"\0\x63\0\x63\0\x63"
    assert find_picture(jpeg(before=table)) == Picture("image/jpeg", 40, 30)


def test_fill_bytes_before_a_marker_are_skipped() -> None:
    assert find_picture(jpeg(before=b"\xff\xff")) == Picture("image/jpeg", 40, 30)


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + b"\0" * 30,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        png()[:20],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 30,
        jpeg()[:22],
        b"\xff\xd8\xff\xda\0\x08" + b"\0" * 20,
        b"\xff\xd8\xff\xe0\0\0" * 3,
    ],
)
def test_anything_else_is_no_picture(content: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_picture(content, LIMITS)
    assert [(each.code, each.field) for each in caught.value.problems] == [("picture.unknown", "file")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "picture.empty"),
        (png() + b"\0" * 1024, "picture.too_heavy"),
        (png(width=101), "picture.wrong_sides"),
        (png(height=0), "picture.wrong_sides"),
        (jpeg(height=101), "picture.wrong_sides"),
    ],
)
def test_a_picture_beyond_the_limits_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_picture(content, LIMITS)
    assert caught.value.problems[0].code == code


def test_a_picture_at_the_limits_is_taken() -> None:
    content = png(100, 100)
    assert read_picture(content + b"\0" * (1024 - len(content)), LIMITS) == Picture("image/png", 100, 100)
