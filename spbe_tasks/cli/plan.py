"""``spbe-tasks plan``: generate the tasks of a year, publish and check them, and the policy behind them."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

import click

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.cli.policy import policy_group
from spbe_tasks.extensions import db
from spbe_tasks.models import AssessmentKind
from spbe_tasks.rules.consistency import Finding
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import assessments, consistency, plans
from spbe_tasks.services.consistency import Check
from spbe_tasks.services.generated import Generated
from spbe_tasks.services.orders import Order
from spbe_tasks.services.queries.plans import find_plan
from spbe_tasks.transaction import transaction

Document = dict[str, object]


def figure(text: str) -> Decimal:
    """A level or an index, with a decimal comma or point. Raises ValueError for anything else."""
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(f"{text} is no number") from error


DAY = click.DateTime(["%Y-%m-%d"])


@click.group("plan")
def plan_group() -> None:
    """Plans of a government."""


plan_group.add_command(policy_group)


@plan_group.command("generate")
@government_option
@click.option("--year", type=int, required=True, help="The year of the assessment that the plan follows.")
@click.option("--threshold", type=figure, help="Levels below this are low (default: as the policy says).")
@click.option("--target-level", type=figure, help="Level to reach (default: the lowest that is not low).")
@click.option("--target-index", type=figure, help="The index the plan is to reach.")
@click.option("--due", type=DAY, help="Due date of planned tasks, as YYYY-MM-DD.")
@click.option(
    "--baseline",
    type=click.Choice([each.value for each in AssessmentKind]),
    help="Kind of assessment a new plan starts from.",
)
@click.option("--instrument", help="Id of the instrument (default: the one used in that year).")
@click.option("--publish", is_flag=True, help="Also hand planned tasks over to their agencies.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, write nothing.")
@as_json
@with_app
def generate_command(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    year: int,
    threshold: Decimal | None,
    target_level: Decimal | None,
    target_index: Decimal | None,
    due: datetime | None,
    baseline: str | None,
    instrument: str | None,
    publish: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make one task for every low indicator and agency that owns it. A second run changes nothing."""
    scope = operator_scope(db.session(), slug)
    order = Order(
        instrument_id=instrument or assessments.instrument_for(year).id,
        year=year,
        threshold=threshold,
        target_level=target_level,
        target_index=target_index,
        due_on=due.date() if due else None,
        baseline_kind=AssessmentKind(baseline) if baseline else None,
    )
    if dry_run:
        document = _document(plans.preview(db.session(), scope, order, now=clock.now()))
    else:
        with transaction() as work:
            done = plans.generate(work, scope, order, publish=publish, now=clock.now())
            document = _document(done)
    document["is_dry_run"] = dry_run
    show(document, as_json=as_json, text=lambda: _text(document))


@plan_group.command("check")
@government_option
@click.option("--year", type=int, required=True, help="The year of the assessment that the plan follows.")
@click.option("--instrument", help="Id of the instrument (default: the one used in that year).")
@as_json
@with_app
def check_command(*, slug: str, year: int, instrument: str | None, as_json: bool) -> None:
    """Say what does not fit together in a plan. Exit code 1 when something is wrong today."""
    session, scope = db.session(), operator_scope(db.session(), slug)
    instrument_id = instrument or assessments.instrument_for(year).id
    plan = find_plan(session, scope.government_id, instrument_id, year)
    if plan is None:
        raise NotFoundError("plan.not_found")
    check = consistency.check(session, scope, plan, now=clock.now())
    findings = [_finding(check, each) for them in check.findings.values() for each in them]
    document: Document = {
        "plan": plan.id,
        "errors": check.errors,
        "warnings": check.warnings,
        "is_recomputing": check.is_recomputing,
        "findings": findings,
    }
    show(document, as_json=as_json, text=lambda: _check_text(check, findings))
    if check.errors:
        raise SystemExit(1)


def _finding(check: Check, found: Finding) -> Document:
    return {
        "kind": found.kind.value,
        "is_error": found.is_error,
        "indicator": found.number,
        "agency": None if found.agency_id is None else check.agency_names[found.agency_id],
        "task": found.task_id,
        "evidence": found.evidence_id,
        "words": [str(each) for each in found.words],
    }


def _check_text(check: Check, findings: list[Document]) -> str:
    lines = [f"{check.errors} errors, {check.warnings} warnings"]
    if check.is_recomputing:
        lines.append("The figures are being computed, so they were not compared")
    for each in findings:
        about = [f"{name} {each[name]}" for name in ("indicator", "agency", "task") if each[name] is not None]
        grade = "error" if each["is_error"] else "warning"
        lines.append(f"{grade}: {each['kind']}{': ' if about else ''}{', '.join(about)}")
    return "\n".join(lines)


def _document(done: Generated) -> Document:
    return {
        "plan": done.plan.id if done.plan else None,
        "baseline": f"{done.baseline.assessment.kind.value} {done.baseline.assessment.year}",
        "baseline_revision": done.baseline.revision.number,
        "due_on": done.dates.last.isoformat(),
        "due_dates": {each.value: day.isoformat() for each, day in done.dates.days.items()},
        "policy": done.version,
        "created": done.created,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "withdrawn": done.withdrawn,
        "published": done.published,
        "conflicts": [{"task": each.task_id, "reason": each.reason.value} for each in done.conflicts],
        "unowned": list(done.unowned),
    }


def _text(document: Document) -> str:
    names = ("created", "updated", "unchanged", "withdrawn", "published")
    lines = [
        f"From {document['baseline']}, revision {document['baseline_revision']}; due {document['due_on']}",
        ", ".join(f"{document[name]} {name}" for name in names),
    ]
    if document["unowned"]:
        lines.append(f"Low, but nobody's (no task was made): {document['unowned']}")
    conflicts = document["conflicts"]
    assert isinstance(conflicts, list)
    lines += [f"To be decided: task {each['task']}, {each['reason']}" for each in conflicts]
    if document["is_dry_run"]:
        lines.append("Dry run: nothing was written")
    return "\n".join(lines)
