"""What follows from what a mail server says."""

import pytest

from spbe_tasks.rules.feedback import FeedbackKind, blocks_address, find_status, kind_of_status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("5.1.1", "5.1.1"),
        ("smtp; 550 5.1.10 null MX", "5.1.10"),
        ("(#5.1.1)", "5.1.1"),
        ("5.001.001", "5.1.1"),
        ("host 10.5.1.1 said", None),
        ("on 5.4.2025", None),
        ("version 3.1.4", None),
        ("", None),
    ],
)
def test_a_status_is_found_in_what_a_server_says(text: str, status: str | None) -> None:
    assert find_status(text) == status


@pytest.mark.parametrize(
    ("kind", "status", "blocks"),
    [
        (FeedbackKind.BOUNCED, "5.1.1", True),
        (FeedbackKind.BOUNCED, "5.0.0", True),
        (FeedbackKind.BOUNCED, None, True),
        (FeedbackKind.BOUNCED, "5.2.1", True),
        (FeedbackKind.BOUNCED, "5.2.2", False),
        (FeedbackKind.BOUNCED, "5.3.4", False),
        (FeedbackKind.BOUNCED, "5.7.26", False),
        (FeedbackKind.BOUNCED, "4.4.7", False),
        (FeedbackKind.DELAYED, "5.1.1", False),
        (FeedbackKind.COMPLAINED, None, True),
        (FeedbackKind.OTHER, None, False),
    ],
)
def test_only_a_dead_address_and_a_complaint_end_all_mail(
    kind: FeedbackKind, status: str | None, blocks: bool
) -> None:
    assert blocks_address(kind, status) is blocks


@pytest.mark.parametrize(
    ("status", "kind"),
    [("5.1.1", FeedbackKind.BOUNCED), ("4.2.0", FeedbackKind.DELAYED), ("2.0.0", FeedbackKind.OTHER)],
)
def test_the_class_of_a_status_says_what_became_of_the_mail(status: str, kind: FeedbackKind) -> None:
    assert kind_of_status(status) is kind
