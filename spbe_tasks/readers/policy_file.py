"""A policy written by hand as YAML: the form of ``rules/policy_settings``, every scalar kept as text."""

from spbe_tasks.instruments.tree import Entry, parse
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.policy_settings import read_settings


def read_policy(data: bytes, instrument: Instrument) -> Policy:
    """The policy in a file. An empty value counts as left out.

    Raises InvalidInputError for what is no YAML (``instruments.tree.parse``), for repeated keys, and as
    ``read_settings`` does.
    """
    problems: list[Problem] = []
    root = parse(data, problems)
    if problems:
        raise InvalidInputError(problems)
    return read_settings(_plain(root), instrument)


def _plain(entry: Entry) -> object:
    if isinstance(entry.value, dict):
        values = {key: _plain(each) for key, each in entry.value.items()}
        return {key: value for key, value in values.items() if value is not None}
    if isinstance(entry.value, list):
        return [_plain(each) for each in entry.value]
    return entry.value
