"""Where stored figures and recomputed ones differ, as the consistency page and the log say it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from spbe_tasks.models import Projection
from spbe_tasks.services.projection_record import FIGURES

# Who sees twenty details that are wrong needs no more to know that the figures are.
MOST_TOLD = 20


def differences(stored: Projection, computed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What differs, by figure or path of a detail ("figures.secured.levels.33"), with what is stored and computed.

    ``computed`` is what the columns should hold. Parts of the details that an earlier version did not store at all are
    no difference.
    """
    told = {
        name: _pair(str(getattr(stored, name)), str(computed[name]))
        for name in FIGURES
        if getattr(stored, name) != computed[name]
    }
    for name, value in json.loads(json.dumps(computed["details"])).items():
        if name in stored.details:
            told.update(_of_details(name, stored.details[name], value))
    return dict(list(told.items())[:MOST_TOLD])


def _of_details(path: str, stored: Any, computed: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if stored == computed:
        return
    if isinstance(stored, Mapping) and isinstance(computed, Mapping):
        keys: list[Any] = [*stored, *(each for each in computed if each not in stored)]
        pairs = [(key, stored.get(key), computed.get(key)) for key in keys]
    elif isinstance(stored, list) and isinstance(computed, list) and len(stored) == len(computed):
        pairs = [(key, stored[key], computed[key]) for key in range(len(stored))]
    else:
        yield path, _pair(stored, computed)
        return
    for key, left, right in pairs:
        yield from _of_details(f"{path}.{key}", left, right)


def _pair(stored: Any, computed: Any) -> dict[str, Any]:
    return {"stored": stored, "computed": computed}
