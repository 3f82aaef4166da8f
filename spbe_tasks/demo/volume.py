"""Governments in bulk, to measure with: always the same for one seed and one day, and marked as invented.

Left out on purpose: most people (one coordinator and one focal point each), claims, and all events of a task but its
making, which is sealed already. Mail is paused, so that measuring is not reminding.
"""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from spbe_tasks.demo import volume_ground, volume_tasks
from spbe_tasks.demo.content import read_ketapang
from spbe_tasks.demo.volume_ground import AGENCIES, Ground
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Plan
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import passwords, projections
from spbe_tasks.services.queries import governments
from spbe_tasks.services.trail import GENESIS
from spbe_tasks.work import Work

# The newest plan fills first; what does not fit was the plan of an earlier year.
YEARS = (2025, 2024, 2023, 2022, 2021)
LARGEST = 5_000


@dataclass(frozen=True, slots=True)
class Amount:
    """How much to make: ``tasks`` in all, shared out over ``governments``; ``seed`` decides everything random."""

    governments: int
    tasks: int
    seed: int

    def sizes(self) -> list[int]:
        """How many tasks each gets: the first up to 5,000, thrice the average or half of all; the rest alike."""
        if self.governments == 1:
            return [self.tasks]
        average = -(-self.tasks // self.governments)
        first = max(average, min(LARGEST, 3 * average, self.tasks // 2))
        share, more = divmod(self.tasks - first, self.governments - 1)
        return [first, *(share + (number < more) for number in range(self.governments - 1))]


def load(work: Work, amount: Amount, *, now: datetime) -> None:
    """Make the governments with everything in them, projections included.

    ``guard.check_allowed`` has been asked before. Raises InvalidInputError when the tasks do not fit into the
    governments and ConflictError when such governments exist.
    """
    instrument = get_instrument(read_ketapang().instrument_id)
    _check(work.session, amount, instrument)
    password_hash = passwords.hash_password(read_ketapang().password)
    for number, size in enumerate(amount.sizes(), 1):
        # Not for secrets: the same seed must give the same data.
        random = Random(f"{amount.seed}:{number}")  # noqa: S311
        ground = volume_ground.prepare(
            work.session, number, instrument, random=random, password_hash=password_hash, now=now
        )
        for plan in _fill(ground, size):
            projections.rebuild(work, plan.id, now=now)


def _check(session: Session, amount: Amount, instrument: Instrument) -> None:
    limit = amount.governments * len(YEARS) * _capacity(instrument)
    if amount.tasks > limit:
        params = {"governments": amount.governments, "limit": limit}
        raise InvalidInputError.of("demo.too_many_tasks", "tasks", **params)
    if any(each.slug == volume_ground.slug(1) for each in governments.list_governments(session)):
        raise ConflictError("demo.volume_exists")


def _capacity(instrument: Instrument) -> int:
    """How many tasks one plan can hold: every indicator with every agency."""
    return len(instrument.indicators) * AGENCIES


def _fill(ground: Ground, size: int) -> list[Plan]:
    """As many plans as ``size`` tasks need, newest first, with what they are built on; at least one."""
    made: list[Plan] = []
    position, seal = 0, GENESIS
    for age, year in enumerate(YEARS):
        cells = volume_ground.deal(ground, min(size, _capacity(ground.instrument)))
        if not made:
            volume_ground.own(ground, cells)
        plan, levels = volume_ground.open_plan(ground, year, age, cells)
        rows = volume_tasks.invent(ground, plan, age, cells, levels)
        seal = volume_tasks.write(ground, rows, position=position, seal=seal)
        made.append(plan)
        position += len(cells)
        size -= len(cells)
        if not size:
            break
    return made
