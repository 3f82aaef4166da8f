"""What a digest lists, on real rows."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Government, Task
from spbe_tasks.services import digests
from tests import factories

TODAY = date(2025, 3, 3)


def _orphaned_task(session: Session, government: Government) -> tuple[Account, Task]:
    """A task of an agency without a focal point: it is the coordinator's to be reminded of."""
    coordinator = factories.account(session, government)
    agency = factories.agency(session, government)
    task = factories.task(
        session, factories.plan(session, government), agency, due_on=TODAY + timedelta(days=3)
    )
    factories.intent(session, task, coordinator)
    return coordinator, task


def test_a_coordinators_digest_holds_the_tasks_of_their_own_government_only(session: Session) -> None:
    coordinator, own = _orphaned_task(session, factories.government(session))
    _orphaned_task(session, factories.government(session))
    digest = digests.build(session, coordinator, today=TODAY)
    assert digest is not None
    listed = [line.task_id for lines in digest.groups.values() for line in lines]
    assert listed == [own.id]
