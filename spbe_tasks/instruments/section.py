"""Reads typed values out of the tree and notes every mistake instead of stopping at the first."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from spbe_tasks.instruments.tree import Entry
from spbe_tasks.rules.errors import Problem

Choice = TypeVar("Choice", bound=StrEnum)

# What stands in for a value that could not be read, so that reading goes on; such a file gives no instrument.
NO_TEXT = ""
NO_NUMBER = Decimal("NaN")
NO_INTEGER = -1

_FLAGS = {"true": True, "false": False}

# No exponents and no endless digits: sums stay exact, and no figure of an instrument needs more.
_DECIMAL = re.compile(r"-?\d{1,6}(\.\d{1,6})?", re.ASCII)
_WHOLE_NUMBER = re.compile(r"\d{1,6}", re.ASCII)


def is_whole_number(text: str) -> bool:
    """Whether the text is a plain whole number, zero or more."""
    return _WHOLE_NUMBER.fullmatch(text) is not None


class Section:
    """A mapping of the file, asked for by key. Keys that nobody asked for are reported by ``close``."""

    def __init__(self, entry: Entry, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.line = entry.line
        self._problems = problems
        self._asked: set[str] = set()
        self._entries: dict[str, Entry] = {}
        if isinstance(entry.value, dict):
            self._entries = entry.value
        else:
            self.report("instrument.not_a_mapping")
            # One report is enough: what a thing that is no mapping lacks would only be noise.
            self._problems = []

    def report(self, code: str, key: str | None = None, value: str | None = None, **params: object) -> None:
        """Notes a mistake at ``key`` (or at the whole section) with the line of the file."""
        entry = self._entries.get(key) if key is not None else None
        line = self.line if entry is None else entry.line
        self._problems.append(Problem(code, self._place(key) or None, line, value, params))

    def close(self) -> None:
        """Reports every key that nobody asked for: most often a misspelt one."""
        for key in self._entries:
            if key not in self._asked:
                self.report("instrument.unknown_key", key)

    def text(self, key: str) -> str:
        """A required text that is not blank."""
        value = self._scalar(key)
        if value is not None and not value.strip():
            self.report("instrument.missing", key)
        return NO_TEXT if value is None else value.strip()

    def optional_text(self, key: str) -> str | None:
        """A text that may be left out, but not blank."""
        return self.text(key) if self.has(key) else None

    def decimal(self, key: str) -> Decimal:
        """A required decimal, digit by digit as written."""
        value = self._scalar(key)
        if value is None:
            return NO_NUMBER
        if not _DECIMAL.fullmatch(value):
            self.report("instrument.not_a_number", key, value)
            return NO_NUMBER
        return Decimal(value)

    def integer(self, key: str) -> int:
        """A required whole number, zero or more."""
        value = self._scalar(key)
        if value is None:
            return NO_INTEGER
        if not is_whole_number(value):
            self.report("instrument.not_a_whole_number", key, value)
            return NO_INTEGER
        return int(value)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """true or false; required unless there is a default."""
        if default is not None and not self.has(key):
            return default
        value = self._scalar(key)
        if value is not None and value.lower() not in _FLAGS:
            self.report("instrument.not_true_or_false", key, value)
        return _FLAGS.get((value or "").lower(), False)

    def optional_day(self, key: str) -> date | None:
        """A date as YYYY-MM-DD that may be left out."""
        if not self.has(key):
            return None
        value = self._scalar(key)
        try:
            return date.fromisoformat(value or "")
        except ValueError:
            self.report("instrument.not_a_date", key, value)
            return None

    def choice(self, key: str, options: type[Choice]) -> Choice:
        """One of the values of an enum, required."""
        value = self._scalar(key)
        if value is not None and value in set(options):
            return options(value)
        if value is not None:
            self.report("instrument.not_a_choice", key, value, choices=", ".join(options))
        return next(iter(options))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a missing key is an empty list."""
        values = [entry.value for entry in self._items(key)]
        if not all(isinstance(value, str) for value in values):
            self.report("instrument.not_a_list_of_texts", key)
        return tuple(value for value in values if isinstance(value, str))

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; a missing key is an empty list."""
        values = self.texts(key)
        if not all(is_whole_number(value) for value in values):
            self.report("instrument.not_a_whole_number", key, ", ".join(values))
            return ()
        return tuple(int(value) for value in values)

    def sections(self, key: str, *, required: bool = False) -> tuple["Section", ...]:
        """A list of mappings, in file order."""
        items = self._items(key)
        if required and not items:
            self.report("instrument.missing", key)
        return tuple(
            Section(item, f"{self._place(key)}[{n}]", self._problems) for n, item in enumerate(items)
        )

    def section(self, key: str) -> "Section":
        """A mapping below this one. A missing one is reported once, not once more for everything in it."""
        self._asked.add(key)
        if self.has(key):
            return Section(self._entries[key], self._place(key), self._problems)
        self.report("instrument.missing", key)
        return Section(Entry({}, self.line), self._place(key), [])

    def children(self) -> dict[str, "Section"]:
        """Every key with the mapping under it, in file order."""
        self._asked.update(self._entries)
        return {key: Section(entry, self._place(key), self._problems) for key, entry in self._entries.items()}

    def names(self) -> tuple[str, ...]:
        """The keys, in file order."""
        self._asked.update(self._entries)
        return tuple(self._entries)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value; an explicit null is the same as leaving it out."""
        self._asked.add(key)
        return key in self._entries and self._entries[key].value is not None

    def _scalar(self, key: str) -> str | None:
        """The text at a required key; None, already reported, when there is none."""
        if not self.has(key):
            self.report("instrument.missing", key)
            return None
        value = self._entries[key].value
        if isinstance(value, str):
            return value
        self.report("instrument.not_a_value", key)
        return None

    def _items(self, key: str) -> list[Entry]:
        if not self.has(key):
            return []
        value = self._entries[key].value
        if isinstance(value, list):
            return value
        self.report("instrument.not_a_list", key)
        return []

    def _place(self, key: str | None) -> str:
        return ".".join(part for part in (self.path, key) if part)
