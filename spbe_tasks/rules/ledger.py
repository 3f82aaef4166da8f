"""The ledger of reminders: what an intent is, how it can end, and what one run of the planner changes."""

from dataclasses import dataclass
from enum import StrEnum

from spbe_tasks.rules.ladder import Rung
from spbe_tasks.rules.recipients import RecipientReason

# (task or 0, evidence or 0, due version, episode, rung, account)
Key = tuple[int, int, int, int, Rung, int]


class IntentState(StrEnum):
    """Where an intent stands. The planner touches only open ones; a carried one ends with its message."""

    OPEN = "open"
    CARRIED = "carried"
    SENT = "sent"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


# The person was not told and would be, had nothing been in the way: such an intent may be opened again.
CAN_REOPEN = frozenset({IntentState.CANCELLED, IntentState.SUPPRESSED})


class CancelReason(StrEnum):
    """Why an open intent has lost its point; kept beside it."""

    TASK_CLOSED = "task_closed"
    PLAN_CLOSED = "plan_closed"
    NOT_WITH_AGENCY = "not_with_agency"
    NOT_IN_REVIEW = "not_in_review"
    DUE_DATE_CHANGED = "due_date_changed"
    CLIMB_RESTARTED = "climb_restarted"
    EVIDENCE_IN_ORDER = "evidence_in_order"  # renewed, removed, or no longer used
    RECIPIENT_CHANGED = "recipient_changed"
    NOT_REACHED = "not_reached"  # the calendar, the policy or the clock moved the rung ahead


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An intent that exists; no two have the same key, which is the promise of at most one.

    Of a task or of an evidence. ``episode`` tells one climb of a ladder from the next where the due date does not: the
    first day of an escalation and the last day of evidence as ordinals, the number of a submission, else 0.
    """

    task_id: int | None
    due_version: int
    rung: Rung
    account_id: int
    state: IntentState
    episode: int = 0
    evidence_id: int | None = None

    @property
    def key(self) -> Key:
        """What is unique about it."""
        return (
            self.task_id or 0,
            self.evidence_id or 0,
            self.due_version,
            self.episode,
            self.rung,
            self.account_id,
        )


@dataclass(frozen=True, slots=True)
class Intent:
    """A reminder to be written into the ledger; SUPPRESSED from birth when the address has bounced."""

    task_id: int | None
    due_version: int
    rung: Rung
    account_id: int
    because: RecipientReason
    state: IntentState = IntentState.OPEN
    episode: int = 0
    evidence_id: int | None = None

    @property
    def entry(self) -> LedgerEntry:
        """What the ledger holds once it is written."""
        return LedgerEntry(
            self.task_id,
            self.due_version,
            self.rung,
            self.account_id,
            self.state,
            self.episode,
            self.evidence_id,
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """What one run changes in the ledger, each tuple in the order of keys; run again on the result, nothing.

    ``reopened`` were cancelled or suppressed before the person was told, and are due after all.
    ``without_recipient`` lists tasks one of whose rungs is reached while nobody is there to be told, ``briefs`` the
    people whose weekly brief is due and was not made yet.
    """

    new: tuple[Intent, ...] = ()
    reopened: tuple[LedgerEntry, ...] = ()
    superseded: tuple[LedgerEntry, ...] = ()
    suppressed: tuple[LedgerEntry, ...] = ()
    cancelled: tuple[tuple[LedgerEntry, CancelReason], ...] = ()
    without_recipient: tuple[int, ...] = ()
    briefs: tuple[int, ...] = ()
