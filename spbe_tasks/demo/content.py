"""The demo's data files as values: the government, its people and what they did."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from spbe_tasks.models import GovernmentKind
from spbe_tasks.rules.access import Role

DATA = Path(__file__).resolve().parent / "data"

TaskKey = tuple[int, str]  # indicator number, agency slug


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented; ``id`` is the part of the address before the @."""

    id: str
    role: Role
    name: str
    email: str
    position: str | None
    agency: str | None


@dataclass(frozen=True, slots=True)
class Ketapang:
    """The government of the demo. ``owners`` by indicator, the lead first; ``score_files`` by year."""

    slug: str
    name: str
    kind: GovernmentKind
    timezone: str
    password: str
    agencies: tuple[Mapping[str, str], ...]
    owners: Mapping[int, tuple[str, ...]]
    people: tuple[Person, ...]
    instrument_id: str
    score_files: Mapping[int, Path]
    year: int
    threshold: Decimal
    target_level: Decimal
    target_index: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done: by whom (``Person.id``), to which task if to one; ``given`` is what the action needs."""

    do: str
    by: str
    task: TaskKey | None
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Day:
    """What was done on one day, ``ago`` working days before today."""

    ago: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a task begins: its due date in days from today, and who is put in charge."""

    due: int
    assignee: str | None


@dataclass(frozen=True, slots=True)
class History:
    """The invented past. ``*_ago`` count working days before today, the rest calendar days from today."""

    plan_due: int
    evaluation: Mapping[str, int]
    tasks: Mapping[TaskKey, Beginning]
    opened_ago: int
    generated_ago: int
    published_ago: int
    days: tuple[Day, ...]


def read_ketapang() -> Ketapang:
    """The shipped description of the demo's government."""
    raw = _read("ketapang.yaml")
    government, assessments, plan = raw["government"], raw["assessments"], raw["plan"]
    return Ketapang(
        slug=government["slug"],
        name=government["name"],
        kind=GovernmentKind(government["kind"]),
        timezone=government["timezone"],
        password=raw["password"],
        agencies=tuple(raw["agencies"]),
        owners={number: tuple(slugs) for number, slugs in raw["owners"].items()},
        people=tuple(_person(each, raw["mail_domain"]) for each in raw["people"]),
        instrument_id=assessments["instrument"],
        score_files={year: DATA / name for year, name in assessments["files"].items()},
        year=plan["year"],
        threshold=Decimal(plan["threshold"]),
        target_level=Decimal(plan["target_level"]),
        target_index=Decimal(str(plan["target_index"])),
    )


def read_history() -> History:
    """The shipped history of the demo's plan."""
    raw = _read("history.yaml")
    return History(
        plan_due=raw["plan_due"],
        evaluation=raw["evaluation"],
        tasks={
            _key(task): Beginning(each["due"], each.get("assignee")) for task, each in raw["tasks"].items()
        },
        opened_ago=raw["opened_ago"],
        generated_ago=raw["generated_ago"],
        published_ago=raw["published_ago"],
        days=tuple(Day(day["ago"], tuple(map(_step, day["steps"]))) for day in raw["days"]),
    )


def _read(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def _person(raw: Mapping[str, str], domain: str) -> Person:
    return Person(
        id=raw["id"],
        role=Role(raw["role"]),
        name=raw["name"],
        email=f"{raw['id']}@{domain}",
        position=raw.get("position"),
        agency=raw.get("agency"),
    )


def _step(raw: Mapping[str, Any]) -> Step:
    given = {name: value for name, value in raw.items() if name not in {"do", "by", "task"}}
    return Step(raw["do"], raw["by"], _key(raw["task"]) if "task" in raw else None, given)


def _key(text: str) -> TaskKey:
    number, _, slug = text.partition("/")
    return int(number), slug
