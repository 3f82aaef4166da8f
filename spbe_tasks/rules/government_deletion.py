"""Deleting a government: who may take which step, and what stands in its way. Two people, an archive, three days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from spbe_tasks.rules.access import Role

# Between asking and confirming: long enough that a weekend does not hide the notice.
WAIT = timedelta(days=3)
# An archive older than this does not count as one of what is deleted.
ARCHIVE_COUNTS_FOR = timedelta(days=7)


class Step(StrEnum):
    """What people do about a deletion; doing it is the database's."""

    ASK = "ask"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Request:
    """A deletion that was asked for and is neither withdrawn nor done."""

    asked_by_id: int
    asked_at: datetime
    is_asker_active: bool
    is_confirmed: bool = False

    @property
    def confirmable_at(self) -> datetime:
        """From when on a second person may confirm it."""
        return self.asked_at + WAIT


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand for one person: the request if there is one, and when the newest archive was made."""

    role: Role
    account_id: int | None
    request: Request | None
    archived_at: datetime | None
    now: datetime

    @property
    def is_archived(self) -> bool:
        """Whether there is an archive that is new enough."""
        return self.archived_at is not None and self.now - self.archived_at <= ARCHIVE_COUNTS_FOR


def _none_stands(facts: Facts) -> bool:
    return facts.request is None


def _one_stands(facts: Facts) -> bool:
    return facts.request is not None


def _not_confirmed(facts: Facts) -> bool:
    return facts.request is None or not facts.request.is_confirmed


def _somebody_else(facts: Facts) -> bool:
    return facts.request is None or facts.request.asked_by_id != facts.account_id


def _asker_active(facts: Facts) -> bool:
    return facts.request is None or facts.request.is_asker_active


def _waited(facts: Facts) -> bool:
    return facts.request is None or facts.now >= facts.request.confirmable_at


def _archived(facts: Facts) -> bool:
    return facts.is_archived


Condition = tuple[str, Callable[[Facts], bool]]
_STANDS: Condition = ("deletion.not_found", _one_stands)
# The one table: for each step the roles that may take it, and what must be so, with the code of what else is said.
TABLE: Mapping[Step, tuple[frozenset[Role], tuple[Condition, ...]]] = MappingProxyType(
    {
        Step.ASK: (frozenset({Role.ADMINISTRATOR}), (("deletion.stands_already", _none_stands),)),
        Step.CONFIRM: (
            frozenset({Role.ADMINISTRATOR}),
            (
                _STANDS,
                ("deletion.confirmed_already", _not_confirmed),
                ("deletion.second_person", _somebody_else),
                ("deletion.asker_gone", _asker_active),
                ("deletion.too_early", _waited),
                ("deletion.no_archive", _archived),
            ),
        ),
        Step.WITHDRAW: (frozenset({Role.ADMINISTRATOR, Role.COORDINATOR}), (_STANDS,)),
    }
)


def may(step: Step, role: Role) -> bool:
    """Whether people of this role ever take the step."""
    return role in TABLE[step][0]


def obstacles(step: Step, facts: Facts) -> tuple[str, ...]:
    """The codes of everything that keeps the person from the step now, in the table's order; empty: they may.

    Whoever's role never takes the step meets "forbidden" alone.
    """
    roles, conditions = TABLE[step]
    if facts.role not in roles:
        return ("forbidden",)
    return tuple(code for code, holds in conditions if not holds(facts))
