"""The review queue: what was submitted, how long it has waited, and one submission as a reviewer looks at it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.submission_changes import Change, Contents
from spbe_tasks.rules.workflow import Action, LegalAction
from spbe_tasks.services import calendars, instruments, submissions, task_sheets
from spbe_tasks.services.criteria import Progress
from spbe_tasks.services.desk import met_by_task, progress_of
from spbe_tasks.services.queries import review as queries
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.queries.review import EVERYTHING, QueueFilter, QueuePlace, QueueSurroundings
from spbe_tasks.services.task_sheets import TaskSheet


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of ``queries.list_submitted``, its age in working days, and what its checklist still lacks."""

    row: Row[Any]
    age_days: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Case:
    """One submission under review. ``number`` 0: nothing was ever handed in; ``age_days`` are working days.

    ``changes`` are those since the submission before, by level and letter; a level's texts have no letter.
    """

    sheet: TaskSheet
    place: QueuePlace
    number: int
    note: str
    submitter_name: str
    submitted_at: datetime | None
    age_days: int
    contents: Contents
    changes: Mapping[tuple[int, str | None], Sequence[Change]]

    def action(self, action: Action) -> LegalAction | None:
        """Whether the reader may do this now, or why not; None where the table does not offer it to them."""
        return next((each for each in self.sheet.actions if each.action is action), None)

    def handed_in(self, level: int, letter: str, evidence_id: int) -> int | None:
        """The version of an evidence that was handed in; None when it was not, or before contents were kept."""
        said = self.contents.claims.get((level, letter))
        shown = said.evidence.get(evidence_id) if said else None
        return shown.version if shown else None


def read(
    session: Session,
    scope: Scope,
    government: Government,
    *,
    today: date,
    wanted: QueueFilter = EVERYTHING,
    page: int = 1,
) -> tuple[Sequence[Waiting], QueueSurroundings]:
    """One page of the queue, longest waiting first, and what stands around it."""
    rows = queries.list_submitted(session, scope, wanted, page=page)
    around = queries.surroundings(session, scope, wanted)
    met = met_by_task(session, rows)
    instrument_of = instruments.finder(session, scope.government_id)
    calendar = calendars.from_rows(government, around.holidays)
    waiting = [
        Waiting(
            row,
            calendar.working_days_between(local_date(row.submitted_at, government.timezone), today),
            progress_of(instrument_of(row.instrument_id), row, met.get(row.id, {})),
        )
        for row in rows
    ]
    return waiting, around


def read_case(
    session: Session,
    scope: Scope,
    government: Government,
    task_id: int,
    *,
    today: date,
    wanted: QueueFilter = EVERYTHING,
) -> Case:
    """A task as its reviewer looks at it, with its place in the queue. Raises NotFoundError when out of sight."""
    sheet = task_sheets.read(session, scope, task_id)
    around = queries.case_file(session, scope, wanted, task_id)
    handed_in = around["submissions"]
    latest: Mapping[str, Any] = handed_in[0] if handed_in else _NEVER
    at = datetime.fromisoformat(latest["submitted_at"]) if handed_in else None
    return Case(
        sheet=sheet,
        place=queries.place_of(around["place"]),
        number=latest["number"],
        note=latest["note"],
        submitter_name=latest["submitter_name"],
        submitted_at=at,
        age_days=sheet.calendar.working_days_between(local_date(at, government.timezone), today) if at else 0,
        contents=submissions.from_stored(latest["contents"]),
        changes=_changes(handed_in),
    )


_NEVER = {"number": 0, "note": "", "submitter_name": "", "contents": {}}


def _changes(handed_in: JsonRows) -> Mapping[tuple[int, str | None], Sequence[Change]]:
    """What the latest of two submissions has otherwise; nothing for a first one, where everything is new."""
    found: defaultdict[tuple[int, str | None], list[Change]] = defaultdict(list)
    if len(handed_in) > 1 and handed_in[1]["contents"]:
        for each in submissions.changes(handed_in[1]["contents"], handed_in[0]["contents"]):
            found[each.level, each.letter].append(each)
    return dict(found)
