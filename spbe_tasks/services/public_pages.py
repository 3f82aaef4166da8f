"""What anybody may read of a government that publishes its figures: index, target and progress by domain; no names."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.instrument import Aspect, Domain
from spbe_tasks.services import overviews
from spbe_tasks.services.overviews import Overview
from spbe_tasks.services.queries import public_pages as queries
from spbe_tasks.services.queries.public_pages import Done


@dataclass(frozen=True, slots=True)
class PartProgress:
    """A domain, or an aspect where the instrument has no domains: where it stands, and the tasks done in it."""

    part: Domain | Aspect
    baseline: Fraction
    secured: Fraction
    done: Done


@dataclass(frozen=True, slots=True)
class PublicPage:
    """Everything the page says; ``overview`` is None until tasks were given out and counted."""

    government: Government
    overview: Overview | None = None
    parts: tuple[PartProgress, ...] = ()

    @property
    def done(self) -> Done:
        """The tasks of the whole plan."""
        return sum((each.done for each in self.parts), Done())


def read(session: Session, slug: str) -> PublicPage:
    """The page of a government. Raises NotFoundError for one that does not publish, as for one that does not exist."""
    government = queries.get_government(session, slug)
    plan_id = queries.find_plan_id(session, government.id)
    reader = Scope(government.id, None, Role.EXECUTIVE)
    overview = overviews.read(session, reader, plan_id) if plan_id else None
    if overview is None:
        return PublicPage(government)
    return PublicPage(government, overview, _parts(session, overview))


def _parts(session: Session, overview: Overview) -> tuple[PartProgress, ...]:
    instrument = overview.instrument
    by_domain = not instrument.domains[0].is_synthetic
    done: defaultdict[int, Done] = defaultdict(Done)
    for number, tasks in queries.count_done(session, overview.plan.id).items():
        place = instrument.domain_of(number) if by_domain else instrument.aspect_of(number)
        done[place.number] += tasks
    kind = "domains" if by_domain else "aspects"
    places = instrument.domains if by_domain else instrument.aspects
    before, now = (getattr(overview.record.figures[name], kind) for name in ("baseline", "secured"))
    return tuple(
        PartProgress(place, before[place.number], now[place.number], done[place.number]) for place in places
    )
