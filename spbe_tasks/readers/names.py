"""Whose name stands beside a number: levels are matched by number, but a name that belongs elsewhere is a warning."""

from collections.abc import Mapping

from spbe_tasks.rules.instrument import Instrument

_LOCALES = ("id", "en")


def owners_of_names(instrument: Instrument) -> Mapping[str, int]:
    """Every name, full or short, in either language, that only one indicator has; keyed by ``plain``."""
    owners: dict[str, set[int]] = {}
    for indicator in instrument.indicators:
        for locale in _LOCALES:
            for name in (indicator.name(locale), indicator.short_name(locale)):
                owners.setdefault(plain(name), set()).add(indicator.number)
    return {name: numbers.pop() for name, numbers in owners.items() if name and len(numbers) == 1}


def plain(name: str) -> str:
    """A name without case, marks and further blanks, to be compared."""
    return " ".join("".join(c if c.isalnum() else " " for c in name.casefold()).split())
