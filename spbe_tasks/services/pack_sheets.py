"""The self-assessment pack as it is read: what tasks, the pack itself and the assessment say of every indicator."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from spbe_tasks.models import Pack
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.instrument import Indicator, Instrument, Place
from spbe_tasks.rules.pack import Claimed, Said, claim
from spbe_tasks.rules.requirements import asks_for
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.queries.evidence import EvidenceItem, item_from_row


@dataclass(frozen=True, slots=True)
class Attached:
    """An evidence at criteria of an indicator. ``task_id`` None: it was attached in the pack.

    ``number`` is the version that counts: the one handed in, once the task is; else the newest. ``is_shown`` False:
    it is another agency's, of which the reader may know no more than that it is there.
    """

    item: EvidenceItem
    key: Place
    task_id: int | None
    number: int
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """Facts and analysis of a level: the pack's own, or those of a task (``agency_name`` says whose)."""

    level: int
    words: Words
    agency_name: str | None
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """What the assessors asked to have corrected; ``task_state`` is that of the task that does it.

    ``is_shown`` False: it was put to another agency, of which the reader learns no words.
    """

    id: int
    note: str
    due_on: date
    made_by_name: str
    task_id: int | None
    task_state: State | None
    is_shown: bool


@dataclass(frozen=True, slots=True)
class EntrySheet:
    """One indicator in the pack. ``proposed`` is the level claimed as long as none is typed.

    ``owners`` are short names, the lead first; ``version`` 0: nothing was stored yet.
    """

    indicator: Indicator
    baseline: Decimal | None
    proposed: Decimal | None
    claimed: Claimed
    own_claims: Mapping[Place, bool]
    owners: tuple[str, ...]
    agency_ids: frozenset[int]
    attached: tuple[Attached, ...]
    texts: tuple[Told, ...]
    notes: tuple[Note, ...]
    is_ready: bool
    version: int

    def at(self, level: int, letter: str) -> tuple[Attached, ...]:
        """The evidence of one criterion."""
        return tuple(each for each in self.attached if each.key == (level, letter))

    def told(self, level: int) -> tuple[Told, ...]:
        """What is written about one level."""
        return tuple(each for each in self.texts if each.level == level)

    def own_text(self, level: int) -> Words:
        """What the pack itself says about a level."""
        return next((each.words for each in self.told(level) if each.agency_name is None), Words())

    @property
    def has_texts(self) -> bool:
        """Whether facts and analysis of the claimed level are written."""
        step = self.claimed.own_step
        return step is not None and any(
            each.words.facts.strip() and each.words.analysis.strip() for each in self.told(step.step.level)
        )

    @property
    def open_notes(self) -> int:
        """How many of the assessors' notes still wait for their task to be accepted."""
        return sum(note.task_state is not State.ACCEPTED for note in self.notes)


@dataclass(frozen=True, slots=True)
class PackSheet:
    """A pack with the indicators its reader may see, by number."""

    pack: Pack
    instrument: Instrument
    entries: tuple[EntrySheet, ...]

    @property
    def with_evidence(self) -> int:
        """How many have evidence for every criterion of the level claimed: the coverage."""
        return sum(entry.claimed.has_evidence for entry in self.entries)

    @property
    def ready(self) -> int:
        """How many were called ready."""
        return sum(entry.is_ready for entry in self.entries)


def sheet(
    scope: Scope,
    pack: Pack,
    instrument: Instrument,
    rows: Mapping[str, JsonRows],
    *,
    number: int | None = None,
) -> PackSheet:
    """All indicators of the pack, or one, as far as the scope sees them: agency roles those their agency answers for.

    ``rows`` are those of ``queries.packs.rows``, and ``secured``: the plan's projected levels.
    """
    found = _grouped(rows)
    wanted = instrument.indicators if number is None else (instrument.indicator(number),)
    entries = (_entry(scope, instrument, each, found[each.number]) for each in wanted)
    return PackSheet(pack, instrument, tuple(each for each in entries if may_see(scope, each)))


def may_see(scope: Scope, entry: EntrySheet) -> bool:
    """Whether the scope sees this indicator of the pack."""
    return scope.sees_all_agencies or scope.agency_id in entry.agency_ids


def may_change(scope: Scope, entry: EntrySheet) -> bool:
    """Whether its person may write here: coordinators everywhere, focal points where their agency answers."""
    if scope.may(Capability.MANAGE_PLANS):
        return True
    return scope.may(Capability.WORK_ON_TASKS) and scope.agency_id in entry.agency_ids


_Rows = Mapping[str, list[Mapping[str, Any]]]


def _grouped(found: Mapping[str, JsonRows]) -> Mapping[int, _Rows]:
    """The rows of ``queries.rows`` by indicator; what hangs on a task goes by the task's."""
    indicator_of = {row["id"]: row["indicator_number"] for row in found["tasks"]}
    grouped: defaultdict[int, defaultdict[str, list[Mapping[str, Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for name, rows in found.items():
        for row in rows:
            number = row.get("indicator_number") or indicator_of[row["task_id"]]
            grouped[number][name].append(row)
    return grouped


def _entry(scope: Scope, instrument: Instrument, indicator: Indicator, rows: _Rows) -> EntrySheet:
    own = next(iter(rows["pack_entries"]), None)
    attached = tuple(_attached(scope, rows))
    own_claims = {(row["level"], row["letter"]): row["is_met"] for row in rows["pack_claims"]}
    baseline = next((_level(row["level"]) for row in rows["scores"]), None)
    said = Said(
        baseline=baseline,
        secured=next((_level(row["level"]) for row in rows["secured"]), None),
        by_pack=own_claims,
        by_tasks=_answers(indicator, rows),
        shown={each.key for each in attached if not each.item.is_infected},
        claimed=_level(own["claimed_level"]) if own else None,
    )
    return EntrySheet(
        indicator=indicator,
        baseline=baseline,
        proposed=claim(indicator, instrument.scale, replace(said, claimed=None)).level,
        claimed=claim(indicator, instrument.scale, said),
        own_claims=own_claims,
        owners=tuple(row["short_name"] for row in rows["owners"]),
        agency_ids=frozenset(
            {row["id"] for row in rows["owners"]} | {row["agency_id"] for row in rows["tasks"]}
        ),
        attached=attached,
        texts=tuple(_texts(scope, rows)),
        notes=tuple(_note(scope, row) for row in rows["notes"]),
        is_ready=bool(own and own["is_ready"]),
        version=own["version"] if own else 0,
    )


def _level(value: float | str | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()


def _answers(indicator: Indicator, rows: _Rows) -> Mapping[Place, Sequence[bool]]:
    """One answer per agency that is asked: that of its latest round that asks; not met when it said nothing."""
    said = {(row["task_id"], row["level"], row["letter"]): row["is_met"] for row in rows["claims"]}
    latest: dict[tuple[int, Place], bool] = {}
    for task in rows["tasks"]:  # in the order of rounds
        climb = {
            "baseline": Decimal(str(task["baseline_level"])),
            "target": Decimal(str(task["target_level"])),
        }
        for step in indicator.levels:
            if asks_for(step.level, **climb):
                for criterion in step.criteria:
                    key = (step.level, criterion.letter)
                    latest[task["agency_id"], key] = said.get((task["id"], *key), False)
    answers: defaultdict[Place, list[bool]] = defaultdict(list)
    for (_, key), is_met in latest.items():
        answers[key].append(is_met)
    return answers


def _attached(scope: Scope, rows: _Rows) -> Iterator[Attached]:
    tasks = {row["id"]: row for row in rows["tasks"]}
    for row in rows["uses"]:
        task = tasks[row["task_id"]]
        item, key = item_from_row(row), (row["level"], row["letter"])
        is_shown = scope.sees_all_agencies or scope.agency_id in (task["agency_id"], item.agency_id)
        yield Attached(item, key, task["id"], _version_handed_in(task, item, key), is_shown)
    for row in rows["pack_uses"]:
        item = item_from_row(row)
        is_shown = scope.sees_all_agencies or scope.agency_id == item.agency_id
        yield Attached(item, (row["level"], row["letter"]), None, item.number, is_shown)


def _version_handed_in(task: Mapping[str, Any], item: EvidenceItem, key: Place) -> int:
    """A reviewer judges, and the ministry gets, what was handed in; until then the newest version counts."""
    if task["state"] in (State.SUBMITTED, State.ACCEPTED):
        for claimed in (task["contents"] or {}).get("claims", ()):
            if (claimed["level"], claimed["letter"]) == key:
                for each in claimed["evidence"]:
                    if each["id"] == item.id:
                        return int(each["version"])
    return item.number


def _texts(scope: Scope, rows: _Rows) -> Iterator[Told]:
    tasks = {row["id"]: row for row in rows["tasks"]}
    for row in rows["pack_texts"]:
        yield Told(row["level"], Words(row["facts"], row["analysis"]), None)
    for row in rows["texts"]:
        task = tasks[row["task_id"]]
        is_shown = scope.sees_all_agencies or scope.agency_id == task["agency_id"]
        yield Told(row["level"], Words(row["facts"], row["analysis"]), task["agency_name"], is_shown)


def _note(scope: Scope, row: Mapping[str, Any]) -> Note:
    is_shown = scope.sees_all_agencies or scope.agency_id == row["agency_id"]
    return Note(
        id=row["id"],
        note=row["note"] if is_shown else "",
        due_on=date.fromisoformat(row["due_on"]),
        made_by_name=row["made_by_name"],
        task_id=row["task_id"],
        task_state=State(row["task_state"]) if row["task_state"] else None,
        is_shown=is_shown,
    )
