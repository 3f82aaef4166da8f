from datetime import UTC, datetime, timedelta

import pytest

from spbe_tasks import tokens
from spbe_tasks.tokens import Claim, MailList, Purpose

SECRET = "a-secret-that-only-tests-know-0123456789"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CLAIM = Claim(account_id=7, session_version=3)


def test_a_token_speaks_for_whom_it_was_made() -> None:
    token = tokens.make(SECRET, Purpose.ACTIVATE, CLAIM, now=NOW)
    assert tokens.read(SECRET, Purpose.ACTIVATE, token, now=NOW + timedelta(days=6)) == CLAIM


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_ends_when_it_says(purpose: Purpose) -> None:
    token = tokens.make(SECRET, purpose, CLAIM, now=NOW)
    end = tokens.expires_at(purpose, now=NOW)
    assert tokens.read(SECRET, purpose, token, now=end - timedelta(seconds=1)) == CLAIM
    assert tokens.read(SECRET, purpose, token, now=end) is None


def test_a_token_opens_nothing_else() -> None:
    token = tokens.make(SECRET, Purpose.ACTIVATE, CLAIM, now=NOW)
    assert tokens.read(SECRET, Purpose.RESET, token, now=NOW) is None
    assert tokens.read(SECRET + "x", Purpose.ACTIVATE, token, now=NOW) is None


@pytest.mark.parametrize("token", ["", "x", "WzcsMywxXQ.x", "a.b.c", "ü"])
def test_what_is_no_token_speaks_for_nobody(token: str) -> None:
    assert tokens.read(SECRET, Purpose.ACTIVATE, token, now=NOW) is None


def test_a_link_starts_with_the_public_address() -> None:
    assert tokens.link("https://spbe.ketapang.example/", Purpose.RESET, "abc") == (
        "https://spbe.ketapang.example/reset-password/abc"
    )


@pytest.mark.parametrize("mail_list", MailList)
def test_a_link_ends_one_list_of_one_person_and_nothing_else(mail_list: MailList) -> None:
    token = tokens.unsubscribe(SECRET, 7, mail_list)
    assert tokens.read_unsubscribe(SECRET, token) == (7, mail_list)
    assert tokens.read_unsubscribe(SECRET + "x", token) is None
    assert all(tokens.read(SECRET, purpose, token, now=NOW) is None for purpose in Purpose)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_that_opens_an_account_ends_no_mail(purpose: Purpose) -> None:
    assert tokens.read_unsubscribe(SECRET, tokens.make(SECRET, purpose, CLAIM, now=NOW)) is None


def test_the_link_that_ends_a_mail_starts_with_the_public_address() -> None:
    assert tokens.unsubscribe_link("https://spbe.ketapang.example/", "abc") == (
        "https://spbe.ketapang.example/unsubscribe/abc"
    )
