"""Finds the shipped crosswalks; what comes out names only indicators that both instruments have."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field
from yaml import safe_load

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.crosswalk import Crosswalk
from spbe_tasks.rules.instrument import Instrument

_SUFFIX = ".yaml"


class _File(BaseModel):
    """The file as it is written; anything else in it is a mistake."""

    model_config = ConfigDict(extra="forbid")

    from_id: str = Field(alias="from")
    to_id: str = Field(alias="to")
    status: str = Field(pattern="^(un)?official$")
    map: dict[int, list[int]]
    unmapped_old: list[int]


def find_crosswalk(from_id: str, to_id: str) -> Crosswalk | None:
    """The crosswalk between two instruments in that direction; None when the product brings none."""
    return next((each for each in _shipped() if (each.from_id, each.to_id) == (from_id, to_id)), None)


def list_crosswalks() -> tuple[Crosswalk, ...]:
    """Every shipped crosswalk."""
    return _shipped()


def list_tied(instrument_id: str) -> tuple[str, ...]:
    """The instruments that a crosswalk ties to this one: the earlier ones, then the later, by id."""
    return (
        *list_earlier(instrument_id),
        *(each.to_id for each in _shipped() if each.from_id == instrument_id),
    )


def list_earlier(instrument_id: str) -> tuple[str, ...]:
    """The instruments from which a crosswalk leads to this one, by id."""
    return tuple(each.from_id for each in _shipped() if each.to_id == instrument_id)


def load(data: bytes) -> Crosswalk:
    """The crosswalk in a file. Raises ValueError naming what does not fit the two instruments."""
    file = _File.model_validate(safe_load(data))
    old, new = get_instrument(file.from_id), get_instrument(file.to_id)
    followed = {number: tuple(sorted(sources)) for number, sources in file.map.items()}
    _check(old, new, followed, file.unmapped_old)
    return Crosswalk(old.id, new.id, file.status == "official", followed, tuple(sorted(file.unmapped_old)))


def _check(
    old: Instrument, new: Instrument, followed: Mapping[int, tuple[int, ...]], dropped: Iterable[int]
) -> None:
    named = {number for sources in followed.values() for number in sources}
    # Every indicator of both sides is spoken of: followed or dropped, following something or nothing.
    _same({each.number for each in new.indicators}, set(followed), f"the indicators of {new.id}")
    known = {each.number for each in old.indicators}
    _same(known - named, set(dropped), f"what nothing follows in {old.id}")
    _same(known & named, named, f"what is followed in {old.id}")


def _same(wanted: set[int], found: set[int], what: str) -> None:
    if wanted != found:
        missing, surplus = sorted(wanted - found), sorted(found - wanted)
        raise ValueError(f"crosswalk, {what}: missing {missing}, too many {surplus}")


@cache
def _shipped() -> tuple[Crosswalk, ...]:
    folder = resources.files("spbe_tasks.instruments.crosswalks")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(_SUFFIX))
    return tuple(load(folder.joinpath(name).read_bytes()) for name in names)
