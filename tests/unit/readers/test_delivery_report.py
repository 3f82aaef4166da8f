"""What comes back about our mails, read."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spbe_tasks.readers.delivery_report import MOST_BYTES, OTHER, read
from spbe_tasks.rules.feedback import FeedbackKind, Report
from tests.unit.readers import returned
from tests.unit.readers.returned import OURS

BOUNCED, DELAYED, COMPLAINED = FeedbackKind.BOUNCED, FeedbackKind.DELAYED, FeedbackKind.COMPLAINED
BUDI = "budi@dinas.example"
SAMPLES = {name: text for name, text in vars(returned).items() if name.isupper() and name != "OURS"}


def _read(text: str) -> Report:
    return read(text.encode())


@pytest.mark.parametrize(
    ("sample", "kind", "status"),
    [
        ("POSTFIX", BOUNCED, "5.1.1"),
        ("POSTFIX_DELAYED", DELAYED, "4.4.1"),
        ("EXCHANGE", BOUNCED, "5.2.2"),
        ("TWO_RECIPIENTS", BOUNCED, "5.1.1"),
        ("EXIM", BOUNCED, "5.0.0"),
        ("QMAIL", BOUNCED, "5.1.1"),
        ("PLAIN_REPORT", BOUNCED, "5.1.1"),
        ("COMPLAINT", COMPLAINED, None),
        ("DELAY_IN_WORDS", DELAYED, None),
    ],
)
def test_a_report_says_what_happened_to_which_mail_of_whom(
    sample: str, kind: FeedbackKind, status: str | None
) -> None:
    found = _read(SAMPLES[sample])
    assert (found.kind, found.status) == (kind, status)
    assert OURS in found.message_ids
    if sample != "DELAY_IN_WORDS":
        assert found.address == BUDI


def test_a_report_that_was_cut_off_still_says_what_stands_in_it() -> None:
    found = _read(returned.CUT_OFF)
    assert (found.kind, found.status, found.address) == (BOUNCED, "5.1.1", BUDI)
    assert found.message_ids == ()


@pytest.mark.parametrize("sample", ["VACATION", "VACATION_OF_OLD", "ANSWER", "DELIVERED"])
def test_an_answer_of_a_person_or_of_their_program_is_none(sample: str) -> None:
    assert _read(SAMPLES[sample]).kind is FeedbackKind.OTHER


def test_what_the_server_said_is_kept_in_one_line() -> None:
    assert _read(returned.POSTFIX).detail == (
        "smtp; 550 5.1.1 <budi@dinas.example>: Recipient address rejected: User unknown"
    )
    assert _read(returned.EXIM).detail == "550 Unrouteable address"
    assert _read(returned.COMPLAINT).detail == "abuse"


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_line_ends_and_letters_of_other_machines_change_nothing(sample: str) -> None:
    text = SAMPLES[sample]
    assert read(text.replace("\n", "\r\n").encode()) == _read(text)
    assert read(text.replace("Isi surel", "Isi surél").encode("latin-1")) == _read(text)


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\r\n\r\n", b"From: \xff\xfe", b"Content-Type: multipart/report\n\n"]
)
def test_what_is_no_mail_is_none(content: bytes) -> None:
    assert read(content) == OTHER


def test_a_mail_without_end_is_read_at_its_beginning() -> None:
    long = returned.POSTFIX.replace("--B1--", "x" * (2 * MOST_BYTES))
    assert _read(long).status == "5.1.1"
    nested = "Content-Type: message/rfc822\n\n" * 5_000
    assert _read(nested) == OTHER


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=3_000))
@example(b"Content-Type: message/delivery-status\n\n\xff: \xff\n\nAction: failed\nStatus: 5.\n")
@example(b"Content-Type: multipart/report; boundary=\xff\n\n--\xff\n\n")
@example(b"Content-Type: text/plain; charset=rot13\nFrom: mailer-daemon\n\n550 no")
@example(b"Content-Transfer-Encoding: base64\nFrom: postmaster@x\n\n!!!")
def test_nothing_that_arrives_breaks_the_reader(content: bytes) -> None:
    assert isinstance(read(content), Report)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_report_breaks_nothing_and_invents_no_mail_of_ours(seed: int) -> None:
    dice = random.Random(seed)
    content = bytearray(SAMPLES[dice.choice(sorted(SAMPLES))].encode())
    for _ in range(dice.randint(1, 60)):
        place = dice.randrange(len(content))
        content[place : place + dice.randint(0, 5)] = dice.randbytes(dice.randint(0, 5))
    found = read(bytes(content))
    assert OURS not in found.message_ids or OURS.encode() in content
