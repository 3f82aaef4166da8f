"""One action on a task while it is being carried out: what its effect needs, and how it is written into the trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from spbe_tasks.models import Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.requirements import Field, is_given
from spbe_tasks.services import trail
from spbe_tasks.work import Work

Given = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Doing:
    """One action being carried out: everything its effect needs."""

    work: Work
    scope: Scope
    instrument: Instrument
    given: Given
    now: datetime
    noted: dict[str, object] = field(default_factory=dict)  # what an effect adds to the event

    def text(self, wanted: Field) -> str | None:
        """What was typed, without blanks around it; None when that is nothing."""
        value = self.given.get(wanted)
        return str(value).strip() or None if value is not None else None

    def write(self, task: Task, action: str, data: Mapping[str, object]) -> None:
        """One event about the task by whoever acts."""
        trail.record_by(self.work, self.scope, str(action), ("task", task.id), now=self.now, data=data)

    def said(self) -> dict[str, object]:
        """What was filled in, as the event stores it; an effect says criteria itself."""
        told = (each for each in Field if each is not Field.CRITERIA and is_given(self.given.get(each)))
        return {str(each): str(self.given[each]) for each in told} | self.noted
