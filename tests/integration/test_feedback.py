"""The mailbox for bounces, read by the job: real folder and real IMAP server, real database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks import feedback, message_ids, turns
from spbe_tasks.models import Account, MailFeedback, Message, MessageState
from spbe_tasks.rules.feedback import FeedbackKind
from spbe_tasks.services import suppressions, system
from tests import factories
from tests.imap import ImapServer, serving
from tests.product import wait_for
from tests.settings import SECRET
from tests.unit.readers import returned

pytestmark = pytest.mark.own_database


@pytest.fixture
def account(session: Session) -> Account:
    account = factories.account(session, factories.government(session), email="budi@dinas.example")
    session.commit()
    return account


@pytest.fixture
def message(session: Session, account: Account) -> Message:
    row = factories.message(session, account, state=MessageState.SENT, to_address=account.email)
    session.commit()
    return row


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with serving() as running:
        yield running


def _use(app: Flask, address: str) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(update={"mailbox_url": SecretStr(address)})


def _about(message: Message, sample: str = returned.POSTFIX) -> bytes:
    name = message_ids.make(SECRET, message.id, message.kind, "spbe.example")
    return sample.replace(returned.OURS, name).encode()


def _read_again() -> None:
    """One mail. The turn of the reading before ends with its connection, which the server may notice a little later."""
    wait_for(lambda: feedback.read_mailbox() == 1, seconds=10, what="a second reading")


def test_without_a_mailbox_nothing_is_read(app: Flask) -> None:
    assert feedback.read_mailbox() == 0


def test_a_bounce_in_a_folder_is_taken_in_once_wherever_it_lies(
    app: Flask, session: Session, message: Message, folder: Path
) -> None:
    _use(app, f"maildir://{folder}")
    (folder / "new" / "1.a.host").write_bytes(_about(message))
    assert feedback.read_mailbox() == 1
    shutil.copy(folder / "cur" / "1.a.host:2,S", folder / "new" / "2.b.host")
    _read_again()
    session.expire_all()
    assert message.state is MessageState.FAILED
    assert suppressions.is_standing(session, "budi@dinas.example")
    assert len(session.scalars(select(MailFeedback)).all()) == 1


def test_a_bounce_on_a_server_is_taken_in(
    app: Flask, session: Session, message: Message, server: ImapServer
) -> None:
    _use(app, server.address())
    server.deliver(_about(message))
    server.deliver(returned.VACATION.encode())
    assert feedback.read_mailbox() == 2
    assert server.unread() == 0
    assert suppressions.is_standing(session, "budi@dinas.example")
    kinds = session.scalars(select(MailFeedback.kind).order_by(MailFeedback.id)).all()
    assert kinds == [FeedbackKind.BOUNCED, FeedbackKind.OTHER]
    assert system.last_reading(session) is not None


def test_a_forged_bounce_ends_nobodys_mail(
    app: Flask, session: Session, account: Account, folder: Path
) -> None:
    _use(app, f"maildir://{folder}")
    (folder / "new" / "1.a.host").write_bytes(returned.POSTFIX.encode())
    assert feedback.read_mailbox() == 1
    assert not suppressions.is_standing(session, account.email)


def test_a_mail_whose_reader_died_before_it_was_marked_is_known_again(
    app: Flask, session: Session, message: Message, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(app, f"maildir://{folder}")
    (folder / "new" / "1.a.host").write_bytes(_about(message))
    with monkeypatch.context() as broken:
        broken.setattr("os.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            feedback.read_mailbox()
    _read_again()
    assert len(session.scalars(select(MailFeedback)).all()) == 1


def test_a_server_that_is_down_is_asked_again_later(
    app: Flask, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    _use(app, "imap://user:password@127.0.0.1:1/INBOX")
    assert feedback.read_mailbox() == 0
    assert "cannot be read" in caplog.text
    assert "password" not in caplog.text
    assert system.last_reading(session) is None


def test_one_process_reads_at_a_time(app: Flask, message: Message, folder: Path) -> None:
    _use(app, f"maildir://{folder}")
    (folder / "new" / "1.a.host").write_bytes(_about(message))
    with turns.take(turns.READING):
        assert feedback.read_mailbox() == 0
    _read_again()


def test_a_report_that_was_written_to_do_harm_stops_no_other(
    app: Flask, session: Session, message: Message, folder: Path
) -> None:
    _use(app, f"maildir://{folder}")
    harm = returned.POSTFIX.replace("rejected: User unknown", "rejected:\0 \x1b[31mUser\udcff").encode(
        errors="surrogateescape"
    )
    (folder / "new" / "1.a.host").write_bytes(harm)
    (folder / "new" / "2.b.host").write_bytes(_about(message))
    assert feedback.read_mailbox() == 2
    assert suppressions.is_standing(session, "budi@dinas.example")
