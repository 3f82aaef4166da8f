"""Evidence (data dukung): what it may be called, how large a file may be, which links count, until when it counts."""

import calendar
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.instrument import Criterion, Instrument, Place
from spbe_tasks.rules.upkeep import renewal_months

# Our own figures: a title is a line on a phone, an address is as long as browsers let it be.
TITLE_LENGTH = 200
ADDRESS_LENGTH = 2_000
NAME_LENGTH = 150
# The most that travels at once: what 3G carries before a connection breaks.
PIECE_BYTES = 1024 * 1024
# The endings that are taken, in the order they are told. What a file really is, its content says.
ENDINGS = ("pdf", "png", "jpg", "jpeg", "docx", "xlsx", "pptx", "odt", "ods", "csv", "txt")
_UNSAFE = re.compile(r"[<>:\"/\\|?*]")


def tidy_name(name: str) -> str:
    """The name of a file without folders and what no file system takes; shortened before its ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(each if each.isprintable() else " " for each in _UNSAFE.sub(" ", last))
    clean = " ".join(visible.split()).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: NAME_LENGTH - len(ending) - 1].rstrip()}.{ending}" if dot else clean[:NAME_LENGTH]


def ending_of(name: str) -> str:
    """What stands after the last dot, in lower case; empty without one."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def title_of(name: str) -> str:
    """A title for a file that got none: its name without the ending, with spaces instead of underscores."""
    stem = name.rpartition(".")[0] or name
    return " ".join(stem.replace("_", " ").split())[:TITLE_LENGTH]


def file_problem(name: str, size: int, *, largest: int) -> Problem | None:
    """Why a file need not be sent at all, by its name and size in bytes; None when it may be worth it."""
    if ending_of(name) not in ENDINGS or not tidy_name(name).rpartition(".")[0]:
        return Problem("evidence.ending", value=name, params={"endings": ", ".join(ENDINGS)})
    if size <= 0:
        return Problem("evidence.empty", value=name)
    if size > largest:
        limit = {"limit": largest // 1024**2, "size": -(-size // 1024**2)}
        return Problem("evidence.too_large", value=name, params=limit)
    return None


def title_problem(title: str) -> Problem | None:
    """Why this is no title; None when it is one."""
    if not title.strip():
        return Problem("field.required", "title")
    if len(title) > TITLE_LENGTH:
        return Problem("evidence.title_too_long", "title", params={"limit": TITLE_LENGTH})
    return None


def address_problem(url: str) -> Problem | None:
    """Why a link cannot be taken; None for an http or https address of a host, without a password in it."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.password is None
    except ValueError:
        is_good = False
    if (
        not is_good
        or len(url) > ADDRESS_LENGTH
        or any(each.isspace() or not each.isprintable() for each in url)
    ):
        return Problem("evidence.address", "url", value=url[:NAME_LENGTH])
    return None


def dates_problem(dated_on: date | None, expires_on: date | None) -> Problem | None:
    """Why the two dates do not fit; None when they do."""
    if dated_on is not None and expires_on is not None and expires_on <= dated_on:
        return Problem("evidence.expires_before_dated", "expires_on")
    return None


def expiry(dated_on: date, months: int) -> date:
    """The day from which a document of ``dated_on`` no longer counts, ``months`` later; in a shorter month its last."""
    year, month = divmod(dated_on.year * 12 + dated_on.month - 1 + months, 12)
    return date(year, month + 1, min(dated_on.day, calendar.monthrange(year, month + 1)[1]))


def months_of(instrument: Instrument, number: int, places: Iterable[Place]) -> int | None:
    """How many months evidence of these criteria of an indicator counts; the least where they differ, None: for ever.

    Only of a review and of what an upkept level asks for (``upkeep.renewal_months``); a decree does not grow old.
    """
    found = []
    for level, letter in places:
        criteria = [each for each in _criteria(instrument, number, level) if each.letter == letter]
        months = renewal_months(instrument, number, Decimal(level))
        if months is not None and any(each.is_review for each in criteria):
            found.append(months)
    return min(found, default=None)


def _criteria(instrument: Instrument, number: int, level: int) -> list[Criterion]:
    steps = instrument.indicator(number).levels
    return [criterion for step in steps if step.level == level for criterion in step.criteria]
