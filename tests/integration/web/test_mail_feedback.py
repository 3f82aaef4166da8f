"""The webhook of a mail provider: who is believed, and what."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from spbe_tasks import clock, message_ids
from spbe_tasks.messages import WORDS, translate
from spbe_tasks.models import Account, MailFeedback, Message, MessageState
from spbe_tasks.rules.feedback import FeedbackKind
from spbe_tasks.services import suppressions
from tests import factories
from tests.settings import SECRET

KEY = "a-secret-of-the-mail-provider-0123456789"
Post = Callable[..., TestResponse]


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session, factories.government(session), email="budi@dinas.example")


@pytest.fixture
def message(session: Session, account: Account) -> Message:
    return factories.message(session, account, state=MessageState.SENT, to_address=account.email)


@pytest.fixture
def post(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Post:
    """Posts a statement as the provider does; a test says what is not as it should be."""
    settings = app.extensions["settings"].model_copy(update={"feedback_secret": SecretStr(KEY)})
    monkeypatch.setitem(app.extensions, "settings", settings)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

    def send(body: object, *, key: str = KEY, age: float = 0, signature: str | None = None) -> TestResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = str(int((clock.now() - timedelta(seconds=age)).timestamp()))
        digest = hmac.new(key.encode(), f"{stamp}.".encode() + content, hashlib.sha256).hexdigest()
        headers = {"X-Feedback-Timestamp": stamp, "X-Feedback-Signature": signature or f"sha256={digest}"}
        return client.post(
            "/hooks/mail-feedback", data=content, headers={"Accept": "application/json", **headers}
        )

    return send


def _statement(message: Message, **changes: object) -> dict[str, object]:
    name = message_ids.make(SECRET, message.id, message.kind, "spbe.example")
    return {
        "address": message.to_address,
        "status": "5.1.1",
        "message_id": name,
        "detail": "no such user",
    } | changes


def test_a_signed_bounce_is_taken_in_once(session: Session, message: Message, post: Post) -> None:
    statement = _statement(message)
    first = post(statement, age=1)
    assert (first.status_code, first.json) == (202, {"taken": True})
    assert message.state is MessageState.FAILED
    assert suppressions.is_standing(session, "budi@dinas.example")
    assert len(session.scalars(select(MailFeedback)).all()) == 1


def test_the_same_request_again_changes_nothing(
    session: Session, message: Message, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    assert post(_statement(message)).status_code == 202
    again = post(_statement(message))
    assert (again.status_code, again.json) == (200, {"taken": False})
    assert len(session.scalars(select(MailFeedback)).all()) == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"key": "another-secret-0123456789-0123456789"}, "feedback.bad_signature"),
        ({"signature": "sha256="}, "feedback.bad_signature"),
        ({"signature": "sha256=\u00fc"}, "feedback.bad_signature"),
        ({"age": 400}, "feedback.too_old"),
        ({"age": -400}, "feedback.too_old"),
    ],
)
def test_who_is_not_the_provider_of_now_is_not_believed(
    session: Session, message: Message, post: Post, values: dict[str, object], code: str
) -> None:
    answer = post(_statement(message), **values)
    assert (answer.status_code, answer.json["error"]) == (403, code)  # type: ignore[index]
    assert session.scalars(select(MailFeedback)).all() == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "feedback.no_object"),
        (b"[]", "feedback.no_object"),
        (b"{", "feedback.no_object"),
        ({}, "feedback.says_nothing"),
        ({"status": "dead"}, "feedback.bad_status"),
        ({"kind": "angry"}, "feedback.bad_kind"),
        ({"status": 5}, "feedback.bad_text"),
        ({"kind": "bounced", "detail": "x" * 301}, "feedback.bad_text"),
    ],
)
def test_a_statement_that_cannot_be_read_is_refused(post: Post, body: object, code: str) -> None:
    answer = post(body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert code in _codes(answer.json["messages"])


def _codes(sentences: list[str]) -> list[str]:
    """The codes whose Indonesian or English words stand in these sentences."""
    found = {code: WORDS[code] for code in WORDS if code.startswith("feedback.")}
    return [
        code
        for code, words in found.items()
        if any(
            translate(words, locale, longest=300, choices=", ".join(FeedbackKind)) in each
            for locale in ("id", "en")
            for each in sentences
        )
    ]


def test_a_body_without_end_is_refused(post: Post) -> None:
    assert post({"kind": "bounced", "detail": "x" * 30_000}).status_code == 422


def test_a_signed_address_is_believed_without_a_mail(session: Session, account: Account, post: Post) -> None:
    assert post({"address": "BUDI@dinas.example", "kind": "complained"}).status_code == 202
    assert suppressions.is_standing(session, account.email)


def test_what_is_about_nobody_of_ours_is_noted_only(session: Session, post: Post) -> None:
    assert post({"address": "siapa@lain.example", "status": "5.1.1"}).status_code == 202
    row = session.scalars(select(MailFeedback)).one()
    assert (row.kind, row.message_id, row.government_id) == (FeedbackKind.BOUNCED, None, None)


def test_without_a_secret_there_is_no_such_address(client: FlaskClient) -> None:
    assert client.post("/hooks/mail-feedback", data=b"{}").status_code == 404


def test_what_cannot_be_stored_is_left_out(session: Session, post: Post) -> None:
    body = b'{"kind": "delayed", "address": "a\\u0000b@x.example", "detail": "x\\u0000\\ud800y"}'
    assert post(body).status_code == 202
    assert session.scalars(select(MailFeedback.detail)).all() == ["x y"]
