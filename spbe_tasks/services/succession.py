"""Agencies merge or divide: their cells, tasks and people go to the successors, previewed first, all or nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Agency, AgencySuccession, Plan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem
from spbe_tasks.rules.projection import Projection, TaskFact
from spbe_tasks.rules.succession import Passing, SuccessionKind, Takers, after_passing, pass_on, pass_parts
from spbe_tasks.services import accounts, agencies, ownership, passing, policies, projections, trail
from spbe_tasks.services.accounts import Details
from spbe_tasks.services.ownership import Row
from spbe_tasks.services.queries import governments, people
from spbe_tasks.services.queries import succession as queries
from spbe_tasks.services.succession_order import NEW, Order, Place, gaps_in, order_problems
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class PlanSeen:
    """What happens in one plan: the passing of its tasks, and the projection before and after.

    ``capacities`` are the person-days that the policy allows the agencies that pass on, by id. They do not go over:
    whether the successor can do as much is for the coordinator to say in the policy.
    """

    plan: Plan
    tasks: Mapping[int, TaskFact]
    passing: Passing
    before: Projection
    after: Projection
    capacities: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything a succession does. ``rows`` are the owners of each indicator before and after.

    ``closing`` are the agencies that end: those that keep neither an indicator nor a person. ``fingerprint`` changes
    when any of it does.
    """

    order: Order
    names: Mapping[int, str]
    rows: Sequence[tuple[Place, Row, Row]]
    plans: Sequence[PlanSeen]
    people: Sequence[tuple[Account, int]]
    closing: tuple[int, ...]
    successor_ids: tuple[int, ...]

    @property
    def fingerprint(self) -> str:
        """A short digest of what was seen, to tell whether it still is so when it is carried out."""
        facts = [
            sorted((place, sorted(after.parts.items())) for place, _before, after in self.rows),
            [(seen.plan.id, seen.passing, seen.after.secured.index) for seen in self.plans],
            [(person.id, agency_id) for person, agency_id in self.people],
            self.closing,
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def holdings(session: Session, scope: Scope, agency_ids: Sequence[int]) -> list[tuple[Place, int]]:
    """What these agencies answer for or work on: ((instrument, indicator), agency id), each once, in order."""
    found = (
        *queries.list_owned(session, scope, agency_ids),
        *queries.list_worked_on(session, scope, agency_ids),
    )
    return sorted({((row.instrument_id, row.indicator_number), row.agency_id) for row in found})


def preview(session: Session, scope: Scope, order: Order, *, now: datetime) -> Seen:
    """What ``carry_out`` would do; writes nothing and raises the same."""
    return _work_out(session, scope, order, now=now)


def carry_out(
    work: Work, scope: Scope, order: Order, *, seen: str | None = None, now: datetime
) -> tuple[Seen, int | None]:
    """Pass everything on; returns what was done and the id of the successor of a merger.

    ``seen`` is the fingerprint of the preview that was confirmed (None: any). Opens the new agency of a merger, writes
    the matrix, tasks, people, events and the succession, closes who ends, and asks for new figures.

    Raises NotFoundError for foreign agencies, InvalidInputError with every problem of the order, ConflictError
    ("succession.changed_meanwhile") when the preview no longer holds.
    """
    done = _work_out(work.session, scope, order, now=now, for_update=True)
    if seen is not None and seen != done.fingerprint:
        raise ConflictError("succession.changed_meanwhile")
    opened = _open_new(work, scope, order, now=now)
    real = {NEW: opened.id} if opened else {}
    slugs = {each.id: each.slug for each in people.list_agencies(work.session, scope)}
    _store_rows(work, scope, done, real, now=now)
    for each in done.plans:
        goes = passing.named(each.passing, real)
        passing.carry_out(work, scope, each.plan, each.tasks, goes, slugs=slugs, now=now)
        projections.request(work, each.plan.id)
    for person, agency_id in done.people:
        details = Details(person.name, person.role, person.position, real.get(agency_id, agency_id))
        accounts.edit(work, scope, person.id, details, version=None, now=now)
    work.session.flush()
    for each in done.plans:
        passing.release(work, scope, each.tasks, each.passing, now=now)
    _end(work, scope, done, real, now=now)
    successor_id = order.successor_id
    return done, None if successor_id is None else real.get(successor_id, successor_id)


def _work_out(
    session: Session, scope: Scope, order: Order, *, now: datetime, for_update: bool = False
) -> Seen:
    known = {each.id: each for each in people.list_agencies(session, scope)}
    plans = queries.list_plans_of(session, scope, order.source_ids, for_update=for_update)
    held = holdings(session, scope, order.source_ids)
    staff = queries.list_people(session, scope, order.source_ids)
    problems = [*order_problems(order, known), *gaps_in(order, held, staff)]
    if problems:
        raise InvalidInputError(problems)
    moving = [(person, order.mover(person) or NEW) for person in staff]
    moves = [(person, agency_id) for person, agency_id in moving if agency_id != person.agency_id]
    takers = {(place, agency_id): order.taker(place) or NEW for place, agency_id in held}
    sources = {each: known[each].slug for each in order.source_ids}
    closing = tuple(each for each in order.source_ids if _ends(each, takers, moving))
    successors = {*takers.values(), *(agency_id for _, agency_id in moves)} - set(order.source_ids)
    if order.kind is SuccessionKind.MERGE:
        successors.add(order.successor_id or NEW)
    return Seen(
        order=order,
        names={NEW: order.new_short_name, **{each.id: each.short_name for each in known.values()}},
        rows=_rows(session, scope, takers),
        plans=[_plan_seen(session, scope, plan, takers, sources=sources, now=now) for plan in plans],
        people=moves,
        closing=closing,
        successor_ids=tuple(sorted(successors)),
    )


def _ends(
    agency_id: int, takers: Mapping[tuple[Place, int], int], moving: Sequence[tuple[Account, int]]
) -> bool:
    return agency_id not in takers.values() and agency_id not in (to for _person, to in moving)


def _rows(
    session: Session, scope: Scope, takers: Mapping[tuple[Place, int], int]
) -> list[tuple[Place, Row, Row]]:
    """The owners that change, before and after."""
    places = sorted({place for place, _agency_id in takers})
    found = []
    for instrument_id in dict.fromkeys(instrument_id for instrument_id, _number in places):
        numbers = [number for each, number in places if each == instrument_id]
        for number, row in ownership.rows_of(session, scope, instrument_id, numbers).items():
            place = (instrument_id, number)
            goes = {agency_id: to for (at, agency_id), to in takers.items() if at == place}
            after = Row(number, pass_parts(row.parts, goes))
            if after.parts != row.parts:
                found.append((place, row, after))
    return found


def _plan_seen(
    session: Session,
    scope: Scope,
    plan: Plan,
    takers: Mapping[tuple[Place, int], int],
    *,
    sources: Mapping[int, str],
    now: datetime,
) -> PlanSeen:
    tasks = projections.facts_of(session, plan.id)
    here: Takers = {
        (number, agency_id): to
        for ((instrument_id, number), agency_id), to in takers.items()
        if instrument_id == plan.instrument_id and to != agency_id
    }
    goes = pass_on(tasks, here)
    today = _today(session, scope, now)
    allowed = policies.current(session, scope, plan).policy.capacities
    return PlanSeen(
        plan=plan,
        tasks={task.task_id: task for task in tasks},
        passing=goes,
        before=projections.compute(session, plan, today=today, facts=tasks),
        after=projections.compute(session, plan, today=today, facts=after_passing(tasks, goes)),
        capacities={each: allowed[slug] for each, slug in sources.items() if slug in allowed},
    )


def _today(session: Session, scope: Scope, now: datetime) -> date:
    government = governments.get_government(session, scope.government_id)
    return local_date(now, government.timezone)


def _open_new(work: Work, scope: Scope, order: Order, *, now: datetime) -> Agency | None:
    if order.successor_id != NEW:
        return None
    try:
        return agencies.create(work, scope, order.new_name, order.new_short_name, now=now)
    except InvalidInputError as error:
        raise InvalidInputError([Problem(each.code, "new_short_name") for each in error.problems]) from None


def _store_rows(work: Work, scope: Scope, done: Seen, real: Mapping[int, int], *, now: datetime) -> None:
    by_instrument: dict[str, dict[int, ownership.Parts]] = {}
    for (instrument_id, number), _before, after in done.rows:
        parts = {real.get(agency_id, agency_id): part for agency_id, part in after.parts.items()}
        by_instrument.setdefault(instrument_id, {})[number] = parts
    for instrument_id, wanted in by_instrument.items():
        ownership.store(work, scope, instrument_id, wanted, now=now, because=done.order.kind.value)


def _end(work: Work, scope: Scope, done: Seen, real: Mapping[int, int], *, now: datetime) -> None:
    successors = sorted(real.get(each, each) for each in done.successor_ids)
    for agency_id in done.order.source_ids:
        trail.record_by(
            work,
            scope,
            f"{done.order.kind.value}_agency",
            ("agency", agency_id),
            now=now,
            data={"into": successors, "closes": agency_id in done.closing},
        )
        for successor_id in successors:
            work.session.add(
                AgencySuccession(
                    government_id=scope.government_id,
                    agency_id=agency_id,
                    successor_id=successor_id,
                    kind=done.order.kind,
                    at=now,
                )
            )
    work.session.flush()
    for agency_id in done.closing:
        agencies.close(work, scope, agency_id, now=now)
