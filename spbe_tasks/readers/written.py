"""Numbers, levels and dates as people and spreadsheets write them."""

import re
from decimal import Decimal

_NUMBER = re.compile(r"(?:indikator|indicator|nomor|no\.?)?\s*(\d{1,4})\s*[.)]?", re.ASCII | re.IGNORECASE)
_LEVEL = re.compile(r"(?:level|tingkat)?\s*(-?\d{1,6}(?:[.,]\d{1,6})?)", re.ASCII | re.IGNORECASE)
# 2026-05-03 is what a reader makes of a date cell; the others are how a spreadsheet writes one into a CSV.
_ISO_DATE = re.compile(r"\d{4}-(\d{2})-(\d{2})", re.ASCII)
_SHORT_DATE = re.compile(r"(\d{1,2})[-/](?:\d{1,2}|[a-z]{3,4})(?:[-/]\d{2,4})?", re.ASCII | re.IGNORECASE)


def read_number(text: str) -> int | None:
    """An indicator number: ``7``, ``7.``, ``Indikator 7``; None for anything else."""
    match = _NUMBER.fullmatch(text.strip())
    return int(match[1]) if match else None


def read_level(text: str) -> Decimal | None:
    """A level: ``3``, ``3,00``, ``2.55``, ``Level 3``; None for anything else."""
    match = _LEVEL.fullmatch(text.strip())
    return Decimal(match[1].replace(",", ".")) if match else None


def level_behind_date(text: str) -> str | None:
    """The level that a spreadsheet seems to have turned into this date (3.5 into 3 May); None for no date."""
    match = _ISO_DATE.fullmatch(text)
    if match:
        return f"{int(match[2])}.{int(match[1])}"
    return text if _SHORT_DATE.fullmatch(text) else None
