from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Event
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import ConflictError, InvalidInputError, NotFoundError
from spbe_tasks.services import people
from spbe_tasks.transaction import transaction
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, PASSWORD
from tests.races import race


def test_the_first_administrator_can_sign_in_and_a_second_is_refused(work: Work) -> None:
    account = people.set_up(work, "Sekda@Ketapang.example", "Sekda", PASSWORD, now=NOW)
    assert (account.role, account.government_id) == (Role.ADMINISTRATOR, None)
    assert people.authenticate(work, "sekda@ketapang.example", PASSWORD, now=NOW) is account
    with pytest.raises(NotFoundError):
        people.set_up(work, "lain@ketapang.example", "Lain", PASSWORD, now=NOW)


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [
        ("sekda", PASSWORD, "account.bad_email"),
        ("sekda@ketapang.example", "short", "password.too_short"),
        ("sekda@ketapang.example", "sekda of ketapang", "password.names_person"),
    ],
)
def test_a_bad_first_administrator_is_refused(work: Work, email: str, password: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        people.set_up(work, email, "Bapak Anu", password, now=NOW)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert not people.has_administrator(work.session)


@pytest.mark.own_database
def test_of_two_browsers_that_race_one_makes_the_administrator(app: Flask) -> None:
    def setting_up(number: int) -> Callable[[], None]:
        def run() -> None:
            with transaction() as work:
                people.set_up(work, f"admin{number}@ketapang.example", "Nama", PASSWORD, now=NOW)

        return run

    outcomes = race(app, [setting_up(number) for number in range(2)])
    with transaction() as work:
        assert work.session.scalar(select(func.count()).select_from(Account)) == 1
    assert sorted(outcomes) == ["done", "setup.done"]


def test_signing_in_notes_the_time(work: Work) -> None:
    account = factories.account(work.session, factories.government(work.session))
    assert people.authenticate(work, f" {account.email.upper()} ", PASSWORD, now=NOW) is account
    assert account.last_login_at == NOW


@pytest.mark.parametrize("change", [{"is_active": False}, {"password_hash": None}, {}])
def test_every_refusal_to_sign_in_sounds_the_same(work: Work, change: dict[str, object]) -> None:
    account = factories.account(work.session, factories.government(work.session), **change)
    attempts = [
        (account.email, PASSWORD if change else "a wrong password"),
        ("nobody@ketapang.example", PASSWORD),
    ]
    for email, password in attempts:
        with pytest.raises(InvalidInputError) as caught:
            people.authenticate(work, email, password, now=NOW)
        assert [(each.code, each.field) for each in caught.value.problems] == [("login.refused", "password")]
    assert account.last_login_at is None


def test_a_profile_is_changed_with_an_event(work: Work) -> None:
    account = factories.account(work.session, factories.government(work.session), name="Budi")
    people.edit_profile(work, account.id, "Budi Santoso", "en", version=account.version, now=NOW)
    assert (account.name, account.locale) == ("Budi Santoso", "en")
    event = work.session.scalars(select(Event).where(Event.action == "edit_profile")).one()
    assert event.data == {"name": ["Budi", "Budi Santoso"], "locale": ["id", "en"]}
    assert (event.actor_id, event.subject_id, event.at) == (account.id, account.id, NOW)


def test_a_profile_changed_elsewhere_meanwhile_is_not_overwritten(work: Work, session: Session) -> None:
    account = factories.account(session, factories.government(session))
    opened = account.version
    people.edit_profile(work, account.id, "Satu", "id", version=opened, now=NOW)
    session.flush()
    with pytest.raises(ConflictError):
        people.edit_profile(work, account.id, "Dua", "id", version=opened, now=NOW + timedelta(minutes=1))
    assert account.name == "Satu"
