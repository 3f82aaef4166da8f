import pytest
from sqlalchemy import select

from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, Event, Message, MessageKind
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import ForbiddenError, InvalidInputError
from spbe_tasks.services import passwords, people
from spbe_tasks.tokens import Claim
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, PASSWORD

NEW = "kuda besar lari pagi"


@pytest.fixture
def account(work: Work) -> Account:
    return factories.account(
        work.session, factories.government(work.session), name="Budi", password_hash=None
    )


def claim(account: Account) -> Claim:
    return Claim(account.id, account.session_version)


def actions(work: Work, account: Account) -> list[str]:
    rows = select(Event.action).where(Event.subject_type == "account", Event.subject_id == account.id)
    return list(work.session.scalars(rows.order_by(Event.id)))


def test_an_invited_person_chooses_a_password_and_can_sign_in(work: Work, account: Account) -> None:
    passwords.choose(work, claim(account), NEW, now=NOW)
    assert account.last_login_at == NOW
    assert people.authenticate(work, account.email, NEW, now=NOW) is account
    assert actions(work, account) == ["activate_account"]


def test_a_link_works_once(work: Work, account: Account) -> None:
    used = claim(account)
    passwords.choose(work, used, NEW, now=NOW)
    work.session.flush()
    assert passwords.find_claimed(work.session, used) is None
    with pytest.raises(ForbiddenError) as caught:
        passwords.choose(work, used, "another one entirely", now=NOW)
    assert caught.value.code == "link.used"
    assert passwords.is_password(account.password_hash, NEW)


def test_a_closed_account_has_no_working_link(work: Work, account: Account) -> None:
    account.is_active = False
    work.session.flush()
    assert passwords.find_claimed(work.session, claim(account)) is None


def test_a_weak_password_leaves_the_link_good(work: Work, account: Account) -> None:
    with pytest.raises(InvalidInputError):
        passwords.choose(work, claim(account), "short", now=NOW)
    assert passwords.find_claimed(work.session, claim(account)) is account


def test_a_new_password_ends_older_sessions(work: Work) -> None:
    account = factories.account(work.session, factories.government(work.session))
    before = account.get_id()
    passwords.change(work, account.id, PASSWORD, NEW, now=NOW)
    assert account.get_id() != before
    assert actions(work, account) == ["change_password"]


def test_changing_needs_the_old_password(work: Work) -> None:
    account = factories.account(work.session, factories.government(work.session))
    with pytest.raises(InvalidInputError) as caught:
        passwords.change(work, account.id, "not the old one", NEW, now=NOW)
    assert caught.value.problems[0].field == "old_password"
    assert passwords.is_password(account.password_hash, PASSWORD)


@pytest.mark.parametrize(
    ("change", "kind"),
    [({}, MessageKind.PASSWORD_RESET), ({"password_hash": None}, MessageKind.INVITE)],
)
def test_who_forgot_gets_one_mail(work: Work, change: dict[str, object], kind: MessageKind) -> None:
    account = factories.account(work.session, factories.government(work.session), **change)
    passwords.request_reset(work, account.email.upper(), now=NOW)
    message = work.session.scalars(select(Message).where(Message.account_id == account.id)).one()
    assert message.kind is kind


def test_an_administrator_who_forgot_gets_a_mail_too(work: Work) -> None:
    account = factories.administrator(work.session)
    passwords.request_reset(work, account.email, now=NOW)
    assert work.session.scalars(select(Message.kind)).all() == [MessageKind.PASSWORD_RESET]


def test_strangers_and_closed_accounts_get_nothing(work: Work) -> None:
    government = factories.government(work.session)
    closed = factories.account(work.session, government, Role.EXECUTIVE, is_active=False)
    for email in (closed.email, "nobody@ketapang.example"):
        passwords.request_reset(work, email, now=NOW)
    assert work.session.scalars(select(Message)).all() == []


def test_the_queue_is_asked_the_same_for_strangers_and_for_accounts(work: Work) -> None:
    account = factories.account(work.session, factories.government(work.session))
    known, unknown = Work(work.session), Work(work.session)
    passwords.request_reset(known, account.email, now=NOW)
    passwords.request_reset(unknown, "nobody@ketapang.example", now=NOW)
    assert list(known.jobs) == list(unknown.jobs) == [(Job.SWEEP_OUTBOX, ())]
