"""What is known after each way a mail server can answer, stall or vanish; a real server on the other side."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from spbe_tasks.adapters import mail
from spbe_tasks.config import Settings
from spbe_tasks.rules.delivery import HandOver
from tests import smtp
from tests.smtp import Mailbox

SOMEBODY = "sari@ketapang.example"
CONTENT = b"Message-ID: <1@x>\r\nSubject: tes\r\n\r\n.titik di awal baris\r\n.\r\nselesai\r\n"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with smtp.serving() as box:
        yield box


@pytest.fixture
def connection(box: Mailbox, tmp_path: Path) -> Iterator[mail.Connection]:
    settings = Settings(
        _env_file=None,
        database_url=SecretStr("postgresql+psycopg://nowhere/x"),
        redis_url=SecretStr("redis://127.0.0.1:1/0"),
        secret_key=SecretStr("a-secret-that-only-tests-know-0123456789"),
        smtp_port=box.port,
        storage_dir=tmp_path,
        mail_from="spbe@ketapang.example",
    )
    connection = mail.Connection(settings)
    yield connection
    connection.close()


def test_a_mail_arrives_once_and_byte_by_byte_as_it_was(box: Mailbox, connection: mail.Connection) -> None:
    reply = connection.hand_over(SOMEBODY, CONTENT)
    assert reply == mail.Reply(HandOver.ACCEPTED, "250 kept as 1")
    assert [(each.to, each.mail_from, each.content) for each in box.received] == [
        (SOMEBODY, "spbe@ketapang.example", CONTENT)
    ]


def test_many_mails_go_through_one_connection(box: Mailbox, connection: mail.Connection) -> None:
    for _ in range(5):
        assert connection.hand_over(SOMEBODY, CONTENT).outcome is HandOver.ACCEPTED
    assert (len(box.received), box.connections) == (5, 1)


@pytest.mark.parametrize(
    ("misbehaviour", "outcome"),
    [
        ({"at_rcpt": {SOMEBODY: "451 greylisted"}}, HandOver.LATER),
        ({"at_rcpt": {SOMEBODY: "550 no such user"}}, HandOver.REFUSED),
        ({"at_mail": "451 busy"}, HandOver.LATER),
        # A sender the server does not like is our setting; it must not cost anybody a reminder.
        ({"at_mail": "553 sender not allowed"}, HandOver.LATER),
        ({"at_end": "452 disk full"}, HandOver.LATER),
        ({"at_end": "554 looks like spam"}, HandOver.REFUSED),
    ],
)
def test_an_answer_is_certain_and_the_next_mail_goes_through(
    box: Mailbox, connection: mail.Connection, misbehaviour: dict[str, object], outcome: HandOver
) -> None:
    for name, value in misbehaviour.items():
        setattr(box, name, value)
    reply = connection.hand_over(SOMEBODY, CONTENT)
    assert reply.outcome is outcome
    assert reply.words[:3].isdigit()
    box.at_mail = box.at_end = None
    assert connection.hand_over("other@ketapang.example", CONTENT).outcome is HandOver.ACCEPTED
    assert [each.to for each in box.received] == ["other@ketapang.example"]


def test_a_server_that_closes_before_the_content_is_tried_again_at_once(
    box: Mailbox, connection: mail.Connection
) -> None:
    connection.hand_over(SOMEBODY, CONTENT)
    box.drop = "mail"
    assert connection.hand_over(SOMEBODY, CONTENT).outcome is HandOver.ACCEPTED
    assert (len(box.received), box.connections) == (2, 2)


@pytest.mark.parametrize(("drop", "arrived"), [("content", 0), ("end", 1)])
def test_a_connection_that_dies_once_the_content_has_begun_leaves_the_outcome_unknown(
    box: Mailbox, connection: mail.Connection, drop: str, arrived: int
) -> None:
    box.drop = drop
    assert connection.hand_over(SOMEBODY, CONTENT).outcome is HandOver.UNKNOWN
    assert len(box.received) == arrived
    assert connection.hand_over(SOMEBODY, CONTENT).outcome is HandOver.ACCEPTED


def test_a_server_that_stalls_at_the_end_leaves_the_outcome_unknown(
    box: Mailbox, connection: mail.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "CONTENT_TIMEOUT_SECONDS", 0.2)
    box.pause = 5.0
    assert connection.hand_over(SOMEBODY, CONTENT).outcome is HandOver.UNKNOWN
    assert len(box.received) == 1


def test_no_server_at_all_means_later(box: Mailbox, connection: mail.Connection) -> None:
    connection._settings = connection._settings.model_copy(update={"smtp_port": 1})
    assert connection.hand_over(SOMEBODY, CONTENT).outcome is HandOver.LATER
    with pytest.raises(mail.Failure):
        connection.ensure()


@pytest.mark.parametrize(
    "address", ["sari\r\nRCPT TO:<x@y.example>", "Sari <x@y.example>", "säri@ketapang.example", ""]
)
def test_an_address_that_cannot_be_written_in_the_protocol_is_refused(
    box: Mailbox, connection: mail.Connection, address: str
) -> None:
    assert connection.hand_over(address, CONTENT).outcome is HandOver.REFUSED
    assert connection.hand_over(SOMEBODY, CONTENT).outcome is HandOver.ACCEPTED
    assert [each.to for each in box.received] == [SOMEBODY]
