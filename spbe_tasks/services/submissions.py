"""Submissions: what is handed in, kept as it was then, and what changed since the one before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Submission, Task
from spbe_tasks.rules import submission_changes
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Place
from spbe_tasks.rules.submission_changes import Change, Contents, Said, Shown, Words
from spbe_tasks.services import level_texts, typed_drafts
from spbe_tasks.services.queries import checklists
from spbe_tasks.services.queries import evidence as evidence_queries
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.services.typed_drafts import DraftForm
from spbe_tasks.work import Work

# Why a task cannot be handed in yet: a claim that nothing shows is lost at the ministry.
NOTHING_SHOWN = "submission.nothing_shown"


def hand_in(work: Work, scope: Scope, task: Task, note: str, *, now: datetime) -> Submission:
    """Keep the checklist of a task, locked and in its turn, as it stands now, as the agency's next submission.

    The person's drafts of what is handed in are taken away. Raises InvalidInputError ("submission.nothing_shown") when
    a criterion is ticked and neither evidence nor words say what shows it.
    """
    now_said = read(work.session, task)
    bare = nothing_shown(now_said)
    if bare:
        raise InvalidInputError.of(NOTHING_SHOWN, criteria=names_of(bare))
    earlier = work.session.scalar(select(func.count()).where(Submission.task_id == task.id))
    assert scope.account_id is not None  # only people of the agency submit
    submission = Submission(
        government_id=task.government_id,
        task_id=task.id,
        number=(earlier or 0) + 1,
        note=note,
        submitted_by_id=scope.account_id,
        submitted_as_id=scope.acting_for_id,
        submitted_at=now,
        contents=as_stored(now_said),
    )
    work.session.add(submission)
    typed_drafts.forget(work, scope, task, DraftForm.SUBMIT)
    return submission


def read(session: Session, task: Task) -> Contents:
    """What the agency says now in a task that was got through a scope. One statement."""
    rows = checklists.read(session, task.id)
    return contents_of(rows["claims"], rows["texts"], rows["evidence"])


def contents_of(claims: JsonRows, texts: JsonRows, evidence: JsonRows) -> Contents:
    """The rows of ``checklists.rows_of`` as one value."""
    items = evidence_queries.by_place(evidence)
    said = {(row["level"], row["letter"]): (row["is_met"], row["explanation"]) for row in claims}
    return Contents(
        claims={
            place: Said(
                *said.get(place, (False, "")),
                {item.id: Shown(item.number, item.title) for item in items.get(place, ())},
            )
            for place in said.keys() | items.keys()
        },
        texts=level_texts.by_level(texts),
    )


def nothing_shown(contents: Contents) -> Sequence[Place]:
    """The criteria that are ticked although neither evidence nor words say what shows them, in their order."""
    return sorted(
        place
        for place, said in contents.claims.items()
        if said.is_met and not said.evidence and not said.explanation.strip()
    )


def names_of(places: Collection[Place]) -> str:
    """Criteria as people write them: "3a, 3b"."""
    return ", ".join(f"{level}{letter}" for level, letter in sorted(places))


def as_stored(contents: Contents) -> dict[str, Any]:
    """What ``Submission.contents`` holds: ``claims`` with their evidence (id, version, title), and ``texts``."""
    claims = [
        {
            "level": level,
            "letter": letter,
            "is_met": said.is_met,
            "explanation": said.explanation,
            "evidence": [
                {"id": evidence_id, "version": each.version, "title": each.title}
                for evidence_id, each in said.evidence.items()
            ],
        }
        for (level, letter), said in sorted(contents.claims.items())
    ]
    texts = [
        {"level": level, "facts": words.facts, "analysis": words.analysis}
        for level, words in sorted(contents.texts.items())
    ]
    return {"claims": claims, "texts": texts}


def from_stored(stored: Mapping[str, Any]) -> Contents:
    """``Submission.contents`` as a value; what was handed in before contents were kept is empty."""
    return Contents(
        claims={
            (row["level"], row["letter"]): Said(
                row["is_met"],
                row["explanation"],
                {each["id"]: Shown(each["version"], each["title"]) for each in row["evidence"]},
            )
            for row in stored.get("claims", ())
        },
        texts={row["level"]: Words(row["facts"], row["analysis"]) for row in stored.get("texts", ())},
    )


def changes(previous: Mapping[str, Any], now: Mapping[str, Any]) -> Sequence[Change]:
    """What changed from one submission's ``contents`` to another's, see ``rules.submission_changes``."""
    return submission_changes.changes(from_stored(previous), from_stored(now))
