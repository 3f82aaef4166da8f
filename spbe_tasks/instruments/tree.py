"""YAML as a tree that remembers its lines. Scalars stay text: a weight is read digit by digit, no float."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import yaml

from spbe_tasks.rules.errors import InvalidInputError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 30

# The parser in C reads the shipped instruments about ten times faster; not every platform has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL_TAG = "tag:yaml.org,2002:null"


class _Mark(Protocol):
    """A place in the file, from either parser; lines count from zero."""

    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the file with the line it begins on (the first is 1); None is an explicit null."""

    value: "str | dict[str, Entry] | list[Entry] | None"
    line: int


def parse(data: bytes, problems: list[Problem]) -> Entry:
    """The file as a tree. Repeated keys go to ``problems``; an unreadable file raises InvalidInputError.

    Codes: ``instrument.too_large``, ``instrument.not_text``, ``instrument.empty``, ``instrument.bad_yaml``,
    ``instrument.alias``, ``instrument.too_deep``.
    """
    text = _decode(data)
    try:
        _refuse_traps(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _unreadable(error) from error
    if root is None:
        raise InvalidInputError.of("instrument.empty")
    return _entry(root, "", problems)


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise InvalidInputError.of("instrument.too_large", limit_mb=MAX_BYTES // 1_000_000)
    if not data.strip():
        raise InvalidInputError.of("instrument.empty")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError.of("instrument.not_text") from error
    if "\0" in text:
        raise InvalidInputError.of("instrument.not_text")
    return text


def _refuse_traps(text: str) -> None:
    """Aliases can blow a small file up to any size, and deep nesting breaks recursive readers."""
    depth = 0
    for event in _events(text):
        if isinstance(event, yaml.AliasEvent):
            raise InvalidInputError((Problem("instrument.alias", row=_line(event.start_mark)),))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InvalidInputError((Problem("instrument.too_deep", row=_line(event.start_mark)),))


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=_Loader)


def _entry(node: yaml.Node, path: str, problems: list[Problem]) -> Entry:
    line = _line(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        return Entry(_mapping(node, path, problems), line)
    if isinstance(node, yaml.SequenceNode):
        items = [_entry(item, f"{path}[{position}]", problems) for position, item in enumerate(node.value)]
        return Entry(items, line)
    return Entry(None if node.tag == _NULL_TAG else str(node.value), line)


def _mapping(node: yaml.MappingNode, path: str, problems: list[Problem]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        line = _line(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem("instrument.key_not_text", field=path or None, row=line))
            continue
        key = str(key_node.value)
        place = f"{path}.{key}" if path else key
        if key in entries:
            problems.append(Problem("instrument.repeated_key", field=place, row=line, value=key))
            continue
        entries[key] = _entry(value_node, place, problems)
    return entries


def _unreadable(error: yaml.YAMLError) -> InvalidInputError:
    mark = getattr(error, "problem_mark", None)
    detail = getattr(error, "problem", None) or str(error)
    row = None if mark is None else _line(mark)
    return InvalidInputError((Problem("instrument.bad_yaml", row=row, params={"detail": detail}),))


def _line(mark: _Mark | None) -> int:
    return 1 if mark is None else mark.line + 1
