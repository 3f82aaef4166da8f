"""What a picture is, by its first bytes and its header: nothing is decoded, no name or declared type is believed."""

from dataclasses import dataclass

from spbe_tasks.rules.errors import InvalidInputError

PNG, JPEG = "image/png", "image/jpeg"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_END = 33  # signature, then the IHDR chunk with its checksum
_JPEG_START = b"\xff\xd8\xff"
# Start-of-frame markers; C4, C8 and CC among them mean something else.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN = 0xDA


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may measure: bytes, and pixels per side."""

    size: int
    side: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG picture; width and height in pixels."""

    media_type: str
    width: int
    height: int


def read_picture(content: bytes, limits: Limits, *, field: str = "file") -> Picture:
    """The kind and size of the picture. Raises InvalidInputError when it is none, broken, or beyond the limits."""
    if not content:
        raise InvalidInputError.of("picture.empty", field)
    if len(content) > limits.size:
        raise InvalidInputError.of("picture.too_heavy", field, limit=limits.size // 1024)
    picture = find_picture(content)
    if picture is None:
        raise InvalidInputError.of("picture.unknown", field)
    if not (1 <= picture.width <= limits.side and 1 <= picture.height <= limits.side):
        raise InvalidInputError.of(
            "picture.wrong_sides", field, width=picture.width, height=picture.height, limit=limits.side
        )
    return picture


def find_picture(content: bytes) -> Picture | None:
    """The kind and size of a PNG or JPEG picture; None for anything else or a header that breaks off."""
    if content.startswith(_PNG_SIGNATURE):
        return _read_png(content)
    if content.startswith(_JPEG_START):
        return _read_jpeg(content)
    return None


def _read_png(content: bytes) -> Picture | None:
    if len(content) < _PNG_HEADER_END or content[12:16] != b"IHDR":
        return None
    return Picture(PNG, int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))


def _read_jpeg(content: bytes) -> Picture | None:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # fill bytes may stand before a marker
            position += 1
        elif marker in _BARE_MARKERS:
            position += 2
        elif marker in _FRAMES:
            height = int.from_bytes(content[position + 5 : position + 7])
            return Picture(JPEG, int.from_bytes(content[position + 7 : position + 9]), height)
        elif marker == _START_OF_SCAN:
            return None
        else:
            position += 2 + int.from_bytes(content[position + 2 : position + 4])
    return None
