"""What people want mailed, as it is kept."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import Event
from spbe_tasks.rules.preferences import USUAL, Cadence, NewsWish, Preference
from spbe_tasks.services import mail_preferences
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW

WEEKLY = Preference(Cadence.WEEKLY, {"commented": NewsWish.NEVER})


def test_who_chose_nothing_has_what_is_usual(session: Session) -> None:
    account = factories.account(session, factories.government(session))
    assert mail_preferences.get(session, account.id) == USUAL
    assert mail_preferences.of(session, account.government_id or 0) == {}


def test_a_choice_is_kept_and_told_for_its_own_government_only(session: Session, work: Work) -> None:
    government, other = factories.government(session), factories.government(session)
    account = factories.account(session, government)
    assert mail_preferences.store(work, account.id, WEEKLY, now=NOW)
    session.flush()
    assert mail_preferences.get(session, account.id) == WEEKLY
    assert mail_preferences.of(session, government.id) == {account.id: WEEKLY}
    assert mail_preferences.of(session, other.id) == {}


def test_choosing_again_replaces_the_choice_and_the_trail_has_both(session: Session, work: Work) -> None:
    account = factories.account(session, factories.government(session))
    mail_preferences.store(work, account.id, WEEKLY, now=NOW)
    mail_preferences.store(work, account.id, Preference(Cadence.NEVER), now=NOW + timedelta(hours=1))
    session.flush()
    assert mail_preferences.get(session, account.id) == Preference(Cadence.NEVER)
    data = session.scalars(
        select(Event.data)
        .where(Event.action == "choose_mail", Event.subject_id == account.id)
        .order_by(Event.id)
    ).all()
    assert data == [
        {"cadence": ["daily", "weekly"], "commented": [None, "never"]},
        {"cadence": ["weekly", "never"], "commented": ["never", None]},
    ]


def test_choosing_the_same_again_changes_nothing(session: Session, work: Work) -> None:
    account = factories.account(session, factories.government(session))
    assert not mail_preferences.store(work, account.id, USUAL, now=NOW)
    mail_preferences.store(work, account.id, WEEKLY, now=NOW)
    session.flush()
    assert not mail_preferences.store(work, account.id, WEEKLY, now=NOW)


def test_an_administrator_chooses_too(session: Session, work: Work) -> None:
    account = factories.administrator(session)
    assert mail_preferences.store(work, account.id, WEEKLY, now=NOW)
    session.flush()
    assert mail_preferences.get(session, account.id) == WEEKLY
