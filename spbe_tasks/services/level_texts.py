"""FAKTA and ANALISIS: what the agency writes about each level for the ministry's form. Stored with the claims."""

from collections.abc import Mapping
from datetime import datetime

from spbe_tasks.models import LevelText, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.services.queries import checklists
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.work import Work

# Our own figure: about a page. The ministry's form asks for a short account, the evidence tells the rest.
MAX_LENGTH = 4_000
Texts = Mapping[int, Words]


def write(work: Work, scope: Scope, task: Task, texts: Texts, *, now: datetime) -> int:
    """Store texts by level on a task that ``criteria.claim`` has locked and checked; returns how many levels changed.

    Levels not named stay as they are. Raises InvalidInputError, with every problem, for a text that is too long.
    """
    problems = problems_of(texts)
    if problems:
        raise InvalidInputError(problems)
    stored = {each.level: each for each in checklists.list_texts(work.session, task.id)}
    changes = {level: words for level, words in texts.items() if words != _words(stored.get(level))}
    assert scope.account_id is not None  # only people of the agency write
    for level, words in changes.items():
        row = stored.get(level) or LevelText(task_id=task.id, level=level, government_id=task.government_id)
        row.facts, row.analysis = words.facts, words.analysis
        row.written_by_id, row.written_at = scope.account_id, now
        work.session.add(row)
    return len(changes)


def problems_of(texts: Texts) -> list[Problem]:
    """A problem for each text that is too long, lowest level first; empty when all is well."""
    return [
        Problem("text.too_long", f"{name}_{level}", params={"maximum": MAX_LENGTH, "level": level})
        for level, words in sorted(texts.items())
        for name, text in (("facts", words.facts), ("analysis", words.analysis))
        if len(text) > MAX_LENGTH
    ]


def by_level(rows: JsonRows) -> Texts:
    """Rows of ``checklists.rows_of`` by level; a level nobody wrote about is left out."""
    return {row["level"]: Words(row["facts"], row["analysis"]) for row in rows}


def _words(row: LevelText | None) -> Words:
    return Words(row.facts, row.analysis) if row else Words()
