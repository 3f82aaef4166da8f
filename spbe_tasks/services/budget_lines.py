"""Money for a task: lines of the government's budget (program, kegiatan). No money is a common obstacle."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal

from spbe_tasks.models import BudgetLine, Task
from spbe_tasks.rules import budget
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, Problem
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services import task_turns, trail
from spbe_tasks.services.queries import budget_lines as queries
from spbe_tasks.work import Work

# Our own figure: what a page still shows at a glance.
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class LineWords:
    """What a person says about a line: ``amount`` in rupiah, ``year`` the fiscal year."""

    code: str
    name: str
    amount: Decimal
    year: int


def add(work: Work, scope: Scope, task_id: int, said: LineWords, *, now: datetime) -> BudgetLine:
    """Note a line of the budget that pays for the task.

    Raises as ``task_turns.take``, and InvalidInputError with everything that is wrong in ``said``, for a line
    that stands there already, or for too many.
    """
    task = task_turns.take(work, scope, task_id, Action.ARRANGE)
    standing = queries.list_lines(work.session, task)
    said = _checked(task, said, [(each.code, each.year) for each in standing])
    if len(standing) >= MOST_LINES:
        raise InvalidInputError.of("budget.too_many", maximum=MOST_LINES)
    line = BudgetLine(government_id=task.government_id, task_id=task.id, **asdict(said))
    work.session.add(line)
    work.session.flush()
    _record(work, scope, line, "add_budget_line", now=now)
    return line


def change(
    work: Work, scope: Scope, line_id: int, said: LineWords, *, version: int | None, now: datetime
) -> BudgetLine:
    """Change a line. Raises as ``add``, and ConflictError ("budget.stale_version") when somebody else changed it."""
    task, line = _get(work, scope, line_id, version)
    others = [(each.code, each.year) for each in queries.list_lines(work.session, task) if each.id != line.id]
    said = _checked(task, said, others)
    if said != LineWords(line.code, line.name, line.amount, line.year):
        line.code, line.name, line.amount, line.year = said.code, said.name, said.amount, said.year
        work.session.flush()
        _record(work, scope, line, "change_budget_line", now=now)
    return line


def remove(work: Work, scope: Scope, line_id: int, *, version: int | None, now: datetime) -> int:
    """Take a line away; returns the task's id. The history keeps its words. Raises as ``change``."""
    task, line = _get(work, scope, line_id, version)
    _record(work, scope, line, "remove_budget_line", now=now)
    work.session.delete(line)
    return task.id


def _get(work: Work, scope: Scope, line_id: int, version: int | None) -> tuple[Task, BudgetLine]:
    seen = queries.get(work.session, scope, line_id)
    task = task_turns.take(work, scope, seen.task_id, Action.ARRANGE)
    line = queries.get(work.session, scope, line_id, is_fresh=True)
    if version is not None and line.version != version:
        raise ConflictError("budget.stale_version")
    return task, line


def _checked(task: Task, said: LineWords, taken: list[tuple[str, int]]) -> LineWords:
    said = replace(said, code=budget.code_of(said.code), name=said.name.strip())
    problems = [*budget.problems_of(**asdict(said), plan_year=task.plan.year)]
    if (said.code, said.year) in taken:
        problems.append(Problem("budget.twice", "code", value=said.code, params={"year": said.year}))
    if problems:
        raise InvalidInputError(problems)
    return replace(said, amount=said.amount.quantize(budget.CENT))


def _record(work: Work, scope: Scope, line: BudgetLine, action: str, *, now: datetime) -> None:
    data = {
        "budget_line": line.id,
        "code": line.code,
        "name": line.name,
        "amount": str(line.amount),
        "year": line.year,
    }
    trail.record_by(work, scope, action, ("task", line.task_id), now=now, data=data)
