"""``spbe-tasks task``: list tasks, show one, and act on it as a person; the same services as the pages."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, scope_as, show, with_app
from spbe_tasks.cli.plan import DAY, figure
from spbe_tasks.cli.task_documents import row_document, row_line, sheet_document, sheet_text
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import Action, CancelKind, Field, Obstacle, ReturnReason, State, Verdict
from spbe_tasks.services import task_sheets, tasks
from spbe_tasks.services.queries import extensions as extension_queries
from spbe_tasks.services.queries import governments, people, plans, task_lists
from spbe_tasks.services.queries import tasks as queries
from spbe_tasks.services.queries.task_filter import DueFilter, TaskFilter
from spbe_tasks.transaction import transaction

OPEN = "open"
# Criteria, parts, milestones and money are noted on the task's page; the machine alone withdraws, restores and merges.
_NOTED = (Action.CLAIM, Action.ADOPT, Action.DIVIDE, Action.ARRANGE)
_ELSEWHERE = (*_NOTED, Action.WITHDRAW, Action.RESTORE, Action.MERGE)
_VERDICT = re.compile(r"(?P<level>\d+)(?P<letter>[a-z]+)=(?P<reason>\w+)(:(?P<note>.*))?")
ACTIONS = [each.value for each in Action if each not in _ELSEWHERE]
person_option = click.option("--as", "email", help="Look or act as the person with this e-mail address.")


@click.group("task")
def task_group() -> None:
    """Tasks: list, show, act."""


@task_group.command("list")
@government_option
@click.option("--year", type=int, help="Only the tasks that follow the assessment of this year.")
@click.option(
    "--state", type=click.Choice([OPEN, *(each.value for each in State)]), help="Only tasks in this state."
)
@click.option("--agency", "agency_slug", help="Only this agency's tasks, by its slug.")
@click.option("--overdue", is_flag=True, help="Only what the agencies are late with.")
@as_json
@with_app
def list_command(
    *, slug: str, year: int | None, state: str | None, agency_slug: str | None, overdue: bool, as_json: bool
) -> None:
    """List the tasks of a government, soonest due first."""
    session = db.session()
    scope = operator_scope(session, slug)
    today = clock.today(governments.get_government(session, scope.government_id).timezone)
    wanted = TaskFilter(
        plan_id=_plan_id(session, scope, year),
        agency_id=_agency_id(session, scope, agency_slug),
        states=frozenset({State(state)}) if state not in (None, OPEN) else frozenset(),
        is_open=state == OPEN,
        due=DueFilter.OVERDUE if overdue else None,
    )
    rows = task_lists.list_all_tasks(session, scope, wanted, today=today)
    document = [row_document(row, today) for row in rows]
    show(document, as_json=as_json, text=lambda: "\n".join(map(row_line, document)) or "No tasks.")


@task_group.command("show")
@click.argument("task_id", metavar="TASK", type=int)
@person_option
@as_json
@with_app
def show_command(*, task_id: int, email: str | None, as_json: bool) -> None:
    """Show one task: where it stands, its criteria, its history, and what --as could do with it."""
    session = db.session()
    sheet = task_sheets.read(session, _scope(session, task_id, email), task_id)
    document = sheet_document(sheet, with_actions=email is not None)
    show(document, as_json=as_json, text=lambda: sheet_text(document))


@task_group.command("do")
@click.argument("task_id", metavar="TASK", type=int)
@click.argument("action", type=click.Choice(ACTIONS))
@click.option("--as", "email", required=True, help="Act as the person with this e-mail address.")
@click.option("--acting-for", help="In the position of the person with this address, who is away.")
@click.option("--note", help="For submit: what was done, and where the evidence is.")
@click.option(
    "--reason",
    help="For block, return, cancel, reopen, ask_extension and refuse_extension; for accept below the baseline.",
)
@click.option("--obstacle", type=click.Choice([each.value for each in Obstacle]), help="For block.")
@click.option(
    "--criterion",
    "criteria",
    multiple=True,
    help="For return: what was not taken, as 3a=unsigned or 3a=other:WORDS; several times.",
)
@click.option("--reached-level", type=figure, help="For accept.")
@click.option("--cancel-kind", type=click.Choice([each.value for each in CancelKind]), help="For cancel.")
@click.option("--due-on", type=DAY, help="For reschedule, ask_extension and grant_extension, as YYYY-MM-DD.")
@click.option("--assignee", help="For assign: the e-mail address of who is put in charge.")
@as_json
@with_app
def do_command(
    *,
    task_id: int,
    action: str,
    email: str,
    acting_for: str | None,
    assignee: str | None,
    criteria: tuple[str, ...],
    as_json: bool,
    **said: Any,
) -> None:
    """Do ACTION on a task as a person. What an action needs, its error says."""
    with transaction() as work:
        scope = scope_as(work.session, email, acting_for=acting_for)
        given = _given(work.session, scope, assignee, said)
        if criteria:
            given[Field.CRITERIA] = dict(map(_verdict, criteria))
        task = tasks.act(work, scope, task_id, Action(action), given, version=None, now=clock.now())
        document = {
            "id": task.id,
            "action": action,
            "state": task.state.value,
            "reached_level": task.reached_level,
            "due_on": task.due_on,
        }
    show(document, as_json=as_json, text=lambda: f"Task {task_id}: {action}, now {document['state']}.")


@task_group.command("extensions")
@government_option
@as_json
@with_app
def extensions_command(*, slug: str, as_json: bool) -> None:
    """List the requests for more time that wait for an answer, the one that waits longest first."""
    session = db.session()
    document = [
        {
            "task": row.Task.id,
            "indicator": row.Task.indicator_number,
            "agency": row.agency_name,
            "due_on": row.Extension.previous_on,
            "wanted_on": row.Extension.wanted_on,
            "reason": row.Extension.reason,
            "asked_by": row.asker_name,
            "asked_at": row.Extension.asked_at,
            "granted_before": row.granted_before,
        }
        for row in extension_queries.list_asked(session, operator_scope(session, slug))
    ]
    show(document, as_json=as_json, text=lambda: "\n".join(map(_request_line, document)) or "No requests.")


def _request_line(request: Mapping[str, Any]) -> str:
    return "{task:>8}  {due_on} -> {wanted_on}  {agency}, indicator {indicator}: {reason}".format(**request)


def _verdict(typed: str) -> tuple[tuple[int, str], Verdict]:
    """``3a=unsigned`` or ``3a=other:words`` as a place and what is wrong there."""
    found = _VERDICT.fullmatch(typed)
    if found is None or found["reason"] not in tuple(ReturnReason):
        reasons = ", ".join(ReturnReason)
        raise click.BadParameter(
            f"{typed!r} is not like 3a=unsigned; reasons: {reasons}.", param_hint="--criterion"
        )
    verdict = Verdict(ReturnReason(found["reason"]), found["note"] or "")
    return (int(found["level"]), found["letter"]), verdict


def _given(
    session: Session, scope: Scope, assignee: str | None, said: Mapping[str, Any]
) -> dict[str, object]:
    """The options as values by ``workflow.Field``; what was not given is left out."""
    given = {name: value for name, value in said.items() if value is not None}
    if isinstance(given.get(Field.DUE_ON), datetime):
        given[Field.DUE_ON] = given[Field.DUE_ON].date()
    if assignee is not None:
        account = people.find_by_email(session, assignee)
        if account is None or account.government_id != scope.government_id:
            raise NotFoundError("account.not_found_by_email", email=assignee)
        given[Field.ASSIGNEE_ID] = account.id
    return given


def _scope(session: Session, task_id: int, email: str | None) -> Scope:
    """The person's, or that of whoever holds the machine in the task's own government."""
    if email is not None:
        return scope_as(session, email)
    government_id = queries.find_government_id(session, task_id)
    if government_id is None:
        raise NotFoundError("task.not_found")
    return Scope(government_id, None, Role.COORDINATOR)


def _plan_id(session: Session, scope: Scope, year: int | None) -> int | None:
    if year is None:
        return None
    for plan in plans.list_plans(session, scope):
        if plan.year == year:
            return plan.id
    raise NotFoundError("plan.not_found_for_year", year=year)


def _agency_id(session: Session, scope: Scope, slug: str | None) -> int | None:
    if slug is None:
        return None
    for agency in people.list_agencies(session, scope):
        if agency.slug == slug:
            return agency.id
    raise NotFoundError("agency.not_found")
