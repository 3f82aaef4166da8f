"""``spbe-tasks path``: the cheapest proved set of level raises that reaches a target, or what keeps it out of reach."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path as FilePath

import click

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.cli.index import exact
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import read_limited
from spbe_tasks.readers.capacities import MAX_BYTES, read_capacities
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.index import display
from spbe_tasks.rules.path import Limit, Outcome, Raise, external_indicators
from spbe_tasks.services import assessments, paths, scenarios
from spbe_tasks.services.paths import Answer, Wish

Document = dict[str, object]
# A terminal waits longer than a page; what takes more is told to be unproved.
SECONDS = 60.0


class FixedLevel(click.ParamType[tuple[int, Decimal]]):
    """An indicator and the level it is to end at, as ``12=4``."""

    name = "N=L"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, Decimal]:
        """Both as numbers; ends the command with words otherwise."""
        number, _, level = str(value).partition("=")
        if not (number.strip().isdecimal() and level.strip().isdecimal() and len(str(value)) < 20):
            self.fail(f"{value} is no indicator and level. Write them as 12=4.", param, ctx)
        return int(number), Decimal(level.strip())


@click.command("path")
@government_option
@click.option("--year", type=int, required=True, help="The year of the assessment to start from.")
@click.option("--target", help='An index, a predicate or "next" (default: the target index of the plan).')
@click.option(
    "--capacity",
    type=click.Path(path_type=FilePath),
    help="CSV of agency slug and person-days, put over the policy's; an empty cell lifts a cap.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day of the work: capacities shrink with the working days (default: the evaluation).",
)
@click.option("--exclude", type=int, multiple=True, metavar="N", help="Leave this indicator as it is.")
@click.option("--fix", type=FixedLevel(), multiple=True, help="Let this indicator end at that level.")
@click.option("--with-external", is_flag=True, help="Also raise indicators whose value is another index.")
@click.option("--instrument", help="Id of the instrument (default: the one used in that year).")
@as_json
@with_app
def path_command(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    year: int,
    target: str | None,
    capacity: FilePath | None,
    until: datetime | None,
    exclude: tuple[int, ...],
    fix: tuple[tuple[int, Decimal], ...],
    with_external: bool,
    instrument: str | None,
    as_json: bool,
) -> None:
    """Print the cheapest way to a target from what stands now. Nothing is stored."""
    session, scope = db.session(), operator_scope(db.session(), slug)
    instrument_id = instrument or assessments.instrument_for(year).id
    found = scenarios.ground(session, scope, instrument_id, year, now=clock.now())
    external = frozenset() if with_external else external_indicators(found.instrument)
    wish = Wish(
        target=paths.default_target(session, scope, found) if target is None else target,
        capacities=read_capacities(read_limited(capacity, MAX_BYTES), found.agencies) if capacity else {},
        excluded=(external - {number for number, _ in fix}) | set(exclude),
        fixed=_fixed(fix),
    )
    if until is not None:
        wish = paths.until(session, scope, found, wish, until.date(), now=clock.now())
    answer = paths.find(found, wish, seconds=SECONDS)
    document = _document(answer)
    show(document, as_json=as_json, text=lambda: _text(answer, document))


def _fixed(given: Sequence[tuple[int, Decimal]]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for number, level in given:
        if found.setdefault(number, level) != level:
            raise InvalidInputError.of("path.fixed_twice", number=number)
    return found


def _document(answer: Answer) -> Document:
    path = answer.path
    return {
        "outcome": path.outcome.value,
        "is_proved": True,
        "target_index": exact(answer.goal.index),
        "target_predicate": answer.goal.bound.name_id if answer.goal.bound else None,
        "index_before": str(display(path.before)),
        "index": str(display(path.index)),
        "index_exact": exact(path.index),
        "predicate": answer.predicate.name_id,
        "days": exact(path.days),
        "raises": [_raise(each) for each in path.raises],
        "agencies": [_agency(answer, agency, days) for agency, days in path.loads.items()],
        "unowned": list(path.unowned),
        "limit": _limit(path.limit) if path.limit else None,
    }


def _raise(each: Raise) -> Document:
    return {
        "number": each.number,
        "before": exact(Fraction(each.before)),
        "after": exact(Fraction(each.after)),
        "points": exact(each.points),
        "days": exact(each.days),
        "agencies": _exact(each.loads),
    }


def _agency(answer: Answer, slug: str, days: Fraction) -> Document:
    capacity = answer.capacities.get(slug)
    return {
        "agency": slug,
        "points": exact(answer.points[slug]),
        "days": exact(days),
        "capacity": None if capacity is None else exact(Fraction(capacity)),
    }


def _limit(limit: Limit) -> Document:
    return {
        "agencies": list(limit.agencies),
        "index": exact(limit.index),
        "lacking": _exact(limit.lacking),
    }


def _exact(values: Mapping[str, Fraction]) -> dict[str, str]:
    return {slug: exact(days) for slug, days in sorted(values.items())}


def _text(answer: Answer, document: Document) -> str:
    path = answer.path
    figures = f"index {document['index']} {document['predicate']} (now {document['index_before']})"
    if path.outcome is Outcome.ALREADY_THERE:
        return f"Already there: {figures}"
    found = path.outcome is Outcome.FOUND
    head = "Proved cheapest" if found else "Out of reach; as far as it goes"
    lines = [f"{head}: {len(path.raises)} raises, {document['days']} person-days, {figures}"]
    for each in path.raises:
        step = f"{exact(Fraction(each.before))} -> {exact(Fraction(each.after))}"
        agencies = ", ".join(sorted(each.loads)) or "-"
        lines.append(f"  {each.number}: {step}, {exact(each.days)} person-days, {agencies}")
    if path.limit is not None:
        lines += _limit_lines(path.limit)
    if path.unowned:
        lines.append(f"Nobody owns: {', '.join(map(str, path.unowned))}")
    return "\n".join(lines)


def _limit_lines(limit: Limit) -> list[str]:
    if not limit.agencies:
        return ["No capacity is to blame: the scale, prerequisites, exclusions or missing owners are"]
    lines = [f"Lift the capacity of {', '.join(limit.agencies)}: the index can reach {display(limit.index)}"]
    if limit.lacking:
        lacking = ", ".join(f"{slug} {days}" for slug, days in _exact(limit.lacking).items())
        lines.append(f"Lacking for the target, in person-days: {lacking}")
    return lines
