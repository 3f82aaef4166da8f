"""The ownership matrix: shares of an indicator as exact fractions, and which agency a usual name means."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from spbe_tasks.rules.errors import InvalidInputError, Problem

# So that numerator and denominator fit into the database; nobody divides work more finely.
LARGEST_DENOMINATOR = 1_000_000
_FRACTION = re.compile(r"(\d{1,7})\s*/\s*(\d{1,7})")
_DECIMAL = re.compile(r"(\d{1,7}(?:[.,]\d{1,9})?)\s*(%?)")


@dataclass(frozen=True, slots=True)
class Part:
    """What an agency is to an indicator; ``share`` is a part of 1, None for equal parts."""

    is_lead: bool
    share: Fraction | None = None


def parse_share(text: str) -> Fraction | None:
    """A share as it is typed: ``1/3``, ``50 %``, ``0,5``; None for nothing, which means an equal part.

    Raises InvalidInputError: "ownership.share_unreadable", "ownership.share_off_scale" below 0 or above 1,
    "ownership.share_too_fine" for more than six digits in the denominator.
    """
    typed = text.strip()
    if not typed:
        return None
    share = _read(typed)
    if share is None:
        raise _refused("ownership.share_unreadable", typed)
    if share > 1:
        raise _refused("ownership.share_off_scale", typed)
    if share.denominator > LARGEST_DENOMINATOR:
        raise _refused("ownership.share_too_fine", typed)
    return share


def part_of_one(share: Fraction | None, owners: int) -> Fraction:
    """An owner's part of 1: its share, or an equal part among all ``owners`` (1 and up) where it has none."""
    return Fraction(1, owners) if share is None else share


def part_problems(number: int, parts: Mapping[int, Part]) -> Iterator[Problem]:
    """Why these owners of an indicator, by agency id, cannot be stored; empty when they can.

    Either nobody has a share or everybody has one, and then they add up to 1 exactly.
    """
    given = [part.share for part in parts.values() if part.share is not None]
    if not given:
        return
    if len(given) < len(parts):
        missing = len(parts) - len(given)
        yield Problem("ownership.share_missing", "share", params={"number": number, "count": missing})
    elif sum(given) != 1:
        yield Problem(
            "ownership.shares_not_one", "share", value=str(sum(given, Fraction(0))), params={"number": number}
        )


def tidy(parts: Mapping[int, Part]) -> dict[int, Part]:
    """The same owners, without shares when all are equal: that is what no share means."""
    is_equal = all(part.share in (None, Fraction(1, len(parts))) for part in parts.values())
    return {each: Part(part.is_lead, None if is_equal else part.share) for each, part in parts.items()}


def among(shares: Mapping[int, Fraction | None]) -> dict[int, Fraction | None]:
    """The shares of those who are left when an owner has closed: in the same proportions, and 1 together again.

    Keyed by agency id. None, an equal part, for everybody where no share was given or only zeros are left.
    """
    total = sum((share for share in shares.values() if share is not None), Fraction(0))
    if total == 0 or None in shares.values():
        return dict.fromkeys(shares)
    return {each: share / total for each, share in shares.items() if share is not None}


def match_agency(usual: str, agencies: Iterable[tuple[int, str, str]]) -> int | None:
    """The agency that an instrument's usual name means: (id, short name, name) each; None when none or several do.

    The short name says it exactly, else all words of the usual name stand in the full name. What stands in brackets
    is a remark: ``Diskominfo (walidata)``.
    """
    wanted = _words(re.sub(r"\(.*?\)", "", usual))
    if not wanted:
        return None
    known = [(each, _words(short), _words(name)) for each, short, name in agencies]
    exact = [each for each, short, name in known if wanted in (short, name)]
    found = exact or [each for each, short, name in known if set(wanted) <= {*short, *name}]
    return found[0] if len(found) == 1 else None


def _read(typed: str) -> Fraction | None:
    fraction = _FRACTION.fullmatch(typed)
    if fraction:
        numerator, denominator = int(fraction[1]), int(fraction[2])
        return Fraction(numerator, denominator) if denominator else None
    decimal = _DECIMAL.fullmatch(typed)
    if decimal:
        return Fraction(decimal[1].replace(",", ".")) / (100 if decimal[2] else 1)
    return None


def _refused(code: str, typed: str) -> InvalidInputError:
    return InvalidInputError((Problem(code, "share", value=typed),))


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.casefold()))
