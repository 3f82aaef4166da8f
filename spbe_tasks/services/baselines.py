"""The assessments a plan can start from."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from spbe_tasks.models import Assessment, AssessmentKind, AssessmentRevision, Plan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.services.queries import assessments as queries


@dataclass(frozen=True, slots=True)
class Baseline:
    """The levels a plan starts from."""

    revision: AssessmentRevision
    assessment: Assessment

    @property
    def is_official(self) -> bool:
        """Whether its figure may be called official."""
        return self.assessment.kind is AssessmentKind.OFFICIAL


def list_possible(session: Session, scope: Scope, instrument_id: str, year: int) -> list[Baseline]:
    """What a plan of that year can start from: the newest revision of each kind of assessment."""
    rows = queries.list_baselines(session, scope, instrument_id, year)
    return [Baseline(row.AssessmentRevision, row.Assessment) for row in rows]


def choose(
    session: Session, scope: Scope, instrument_id: str, year: int, kind: AssessmentKind | None = None
) -> Baseline:
    """The assessment a new plan starts from: of that kind, else the official one, else the only one.

    Raises InvalidInputError when there is none (of that kind), or several and none of them official.
    """
    found = list_possible(session, scope, instrument_id, year)
    wanted = [each for each in found if each.assessment.kind is (kind or AssessmentKind.OFFICIAL)]
    if wanted:
        return wanted[0]
    if kind is None and len(found) == 1:
        return found[0]
    code = "plan.baseline_unclear" if found and kind is None else "plan.no_assessment"
    kinds = ", ".join(sorted(each.assessment.kind for each in found))
    raise InvalidInputError.of(code, "baseline_kind", year=year, kinds=kinds)


def of_plan(session: Session, scope: Scope, plan: Plan) -> Baseline:
    """The baseline a plan names."""
    return Baseline(*queries.get_revision(session, scope, plan.baseline_revision_id))


def get_other(session: Session, scope: Scope, plan: Plan, revision_id: int) -> Baseline:
    """A revision the plan can move to: any kind, earlier or later, of the plan's own instrument and year.

    Raises NotFoundError for a foreign revision, InvalidInputError for one of another instrument or year.
    """
    baseline = Baseline(*queries.get_revision(session, scope, revision_id))
    if (baseline.assessment.instrument_id, baseline.assessment.year) != (plan.instrument_id, plan.year):
        raise InvalidInputError.of("plan.revision_of_another_year", "revision_id", year=plan.year)
    return baseline
