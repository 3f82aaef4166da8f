"""The name of a mail, and knowing it again."""

import pytest

from spbe_tasks import message_ids

SECRET = "a-secret-that-only-tests-know-0123456789"
NAME = message_ids.make(SECRET, 4711, "password_reset", "spbe.ketapang.example")


def test_a_name_is_known_again_whatever_domain_a_server_put_behind_it() -> None:
    assert message_ids.read(SECRET, NAME) == 4711
    assert message_ids.read(SECRET, f" {NAME.partition('@')[0]}@relay.example>\n") == 4711


def test_a_name_is_the_same_each_time_and_another_for_another_mail() -> None:
    assert message_ids.make(SECRET, 4711, "password_reset", "spbe.ketapang.example") == NAME
    assert message_ids.make(SECRET, 4712, "password_reset", "spbe.ketapang.example") != NAME


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<4711.digest.0123456789abcdef@spbe.example>",
        NAME.replace("4711", "4712"),
        NAME.replace("password_reset", "digest"),
        NAME.strip("<>"),
        f"{NAME}{NAME}",
        "<٤.digest.0123456789abcdef@spbe.example>",
    ],
)
def test_what_is_made_up_names_no_mail(text: str) -> None:
    assert message_ids.read(SECRET, text) is None


def test_another_installation_does_not_know_it() -> None:
    assert message_ids.read(f"{SECRET}x", NAME) is None
