"""What a due date means today: whether the work is late, and how many working days that is."""

from dataclasses import dataclass, field
from datetime import date

from spbe_tasks.rules.calendar import WorkCalendar
from spbe_tasks.rules.workflow import AGENCY_STATES, State, is_overdue


@dataclass(frozen=True, slots=True)
class Deadline:
    """``days_left`` in working days: negative when late, None when nobody is to deliver (not the agency's turn)."""

    is_overdue: bool = False
    days_left: int | None = None


NONE = Deadline()


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Answers for many tasks of one government on one day; the same due date is counted once."""

    calendar: WorkCalendar
    today: date
    _known: dict[date, Deadline] = field(default_factory=dict, repr=False, compare=False)

    def of(self, state: State, due_on: date) -> Deadline:
        """The deadline of a task in ``state``. On the due date itself nothing is late and no day is left."""
        if state not in AGENCY_STATES:
            return NONE
        if due_on not in self._known:
            self._known[due_on] = self._count(state, due_on)
        return self._known[due_on]

    def _count(self, state: State, due_on: date) -> Deadline:
        if is_overdue(state, due_on, self.today):
            return Deadline(True, -self.calendar.working_days_between(due_on, self.today))
        return Deadline(False, self.calendar.working_days_between(self.today, due_on))
