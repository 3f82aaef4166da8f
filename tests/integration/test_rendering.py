"""The words, links and headers of mails, in both languages, without a request."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage
from html import unescape

import pytest

from spbe_tasks import mail_headers, mail_samples, rendering, tokens
from spbe_tasks.mail_headers import Office
from spbe_tasks.mail_samples import SAMPLES
from spbe_tasks.models import MessageKind
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.digest import digest_groups
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.digests import Digest, Line
from spbe_tasks.services.letters import Kept, Letter, Person, Sender
from tests.factories import NOW

TODAY = date(2025, 3, 3)
OFFICE = Office(
    "https://spbe.ketapang.example/", "a-secret-that-only-tests-know-0123456789", "spbe@ketapang.example"
)
LINES = (
    Line(11, 33, "Audit <Keamanan> SPBE", State.IN_PROGRESS, TODAY - timedelta(days=3), Decimal("0.0275"), True),
    Line(12, 1, "Kebijakan Arsitektur SPBE", State.RETURNED, TODAY, Decimal("0.013"), True),
    Line(13, 2, "Kebijakan Peta Rencana", State.ASSIGNED, TODAY + timedelta(days=4), Decimal("0.013"), False),
    Line(14, 3, "Kebijakan Manajemen Data", State.BLOCKED, TODAY + timedelta(days=40), Decimal("0.013"), False),
)  # fmt: skip


def _letter(
    kind: MessageKind = MessageKind.DIGEST, locale: str = "id", lines: tuple[Line, ...] = LINES
) -> Letter:
    return Letter(
        message_id=7,
        kind=kind,
        at=NOW,
        person=Person(5, 2, "Sari Wulandari, S.Kom.", "sari@ketapang.example", locale, Role.FOCAL_POINT, "Bappeda"),
        sender=Sender(
            "Pemerintah Kabupaten Ketapang", "SPBE Ketapang – Diskominfo", "Asia/Pontianak",
            "diskominfo@ketapang.example", "Budi (diskominfo@ketapang.example)",
        ),
        body=Digest(TODAY, digest_groups(lines, TODAY), (1, 2)) if kind is MessageKind.DIGEST else None,
    )  # fmt: skip


def _parsed(letter: Letter) -> EmailMessage:
    content = rendering.render(letter, OFFICE).content
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_english_subject_says_how_many_how_late_and_the_nearest_date() -> None:
    assert str(_parsed(_letter(locale="en"))["Subject"]) == (
        "4 SPBE tasks: 1 late, 1 due on Monday, 3 March 2025"
    )


def test_dates_carry_their_weekday_in_the_readers_language() -> None:
    text = rendering.render(_letter(), OFFICE).kept_text
    assert "Jumat, 28 Februari 2025" in text
    assert "Jumat, 7 Maret 2025" in text


def test_the_groups_come_in_reading_order_and_reminded_tasks_are_marked() -> None:
    text = rendering.render(_letter(locale="en"), OFFICE).kept_text
    headings = ("Overdue (1)", "Due today (1)", "Due this week (1)", "Due later (1)")
    places = [text.index(words) for words in headings]
    assert places == sorted(places)
    assert text.count("reminded today") == 2


def test_every_task_has_its_link_in_both_parts() -> None:
    mail = rendering.render(_letter(), OFFICE)
    for number in (11, 12, 13, 14):
        address = f"https://spbe.ketapang.example/tasks/{number}"
        assert address in mail.kept_text.split()
        assert f'href="{address}"' in mail.kept_html


def test_text_from_people_is_escaped_in_html_and_plain_in_text() -> None:
    mail = rendering.render(_letter(), OFFICE)
    assert "Audit &lt;Keamanan&gt; SPBE" in mail.kept_html
    assert "Audit <Keamanan> SPBE" in mail.kept_text


def test_headers_name_sender_reply_address_and_that_a_machine_wrote_it() -> None:
    message = _parsed(_letter())
    assert str(message["From"]) == "SPBE Ketapang – Diskominfo <spbe@ketapang.example>"
    assert str(message["To"]) == '"Sari Wulandari, S.Kom." <sari@ketapang.example>'
    assert message["Content-Language"] == "id"
    assert message["Reply-To"] == "diskominfo@ketapang.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_digest_can_be_ended_from_the_mail_itself_and_belongs_to_the_conversation_of_the_others() -> None:
    message, later = _parsed(_letter()), _parsed(replace(_letter(), message_id=8))
    address = str(message["List-Unsubscribe"]).strip("<>")
    start = "https://spbe.ketapang.example/unsubscribe/"
    assert address.startswith(start)
    claim = tokens.read_unsubscribe(OFFICE.secret_key, address.removeprefix(start))
    assert claim == (5, tokens.MailList.DIGEST)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["References"] == message["In-Reply-To"] == later["References"]
    assert message["Message-ID"] != later["Message-ID"]
    assert (message["Precedence"], message["X-Auto-Response-Suppress"]) == ("bulk", "All")
    assert b"\r\nList-Unsubscribe: <https://" in rendering.render(_letter(), OFFICE).content


def test_a_conversation_is_of_one_person_and_one_kind_of_mail() -> None:
    letter = _letter()
    other = replace(letter, person=replace(letter.person, account_id=6))
    letters = [letter, other, *(replace(letter, kind=kind) for kind in (MessageKind.NEWS, MessageKind.BRIEF))]
    assert len({mail_headers.thread_id(each, OFFICE) for each in letters}) == 4


@pytest.mark.parametrize("name", ["Baris\nganda", "Bcc\r\nBcc: x@y.example"])
def test_a_name_that_would_break_out_of_its_header_makes_no_mail(name: str) -> None:
    letter = _letter()
    with pytest.raises(ValueError, match=r"."):
        rendering.render(replace(letter, person=replace(letter.person, name=name)), OFFICE)


SENDER = _letter().sender


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("sort", sorted(SAMPLES))
def test_every_mail_says_the_same_in_both_parts(sort: str, locale: str) -> None:
    mail = rendering.render(mail_samples.letter(sort, SENDER, locale, now=NOW, today=TODAY), OFFICE)
    seen = _words_of(mail.kept_html)
    for line in mail.kept_text.splitlines():
        missing = [
            word for word in re.findall(r"[^\W_]{2,}", re.sub(r"https://\S+", "", line)) if word not in seen
        ]
        assert not missing, line
    links = set(re.findall(r"https://[^\s\"<]+", mail.kept_text))
    assert links == set(re.findall(r'href="(https://[^"]+)"', mail.kept_html))
    assert "<img" not in mail.kept_html
    assert mail.subject


def _words_of(html: str) -> set[str]:
    plain = unescape(re.sub(r"<(style|title)[^>]*>.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL))
    return set(re.findall(r"[^\W_]{2,}", plain))


@pytest.mark.parametrize("sort", ["brief", "alert", "invite"])
def test_what_is_no_matter_of_choice_cannot_be_ended_from_the_mail(sort: str) -> None:
    letter = mail_samples.letter(sort, SENDER, "id", now=NOW, today=TODAY)
    assert _parsed(letter)["List-Unsubscribe"] is None


def test_a_brief_puts_what_costs_most_points_first_and_a_subject_names_number_and_date() -> None:
    mail = rendering.render(mail_samples.letter("brief", SENDER, "en", now=NOW, today=TODAY), OFFICE)
    places = [
        mail.kept_text.index(words) for words in ("Inspektorat", "33. Audit", "31. Audit", "Kepegawaian")
    ]
    assert places == sorted(places)
    assert mail.subject == "3 late SPBE tasks, the oldest due since Friday, 7 February 2025"


def test_a_repetition_says_what_was_said_under_the_same_name() -> None:
    first = rendering.render(_letter(), OFFICE)
    kept = Kept(first.subject, first.kept_text, first.kept_html)
    again = rendering.render(replace(_letter(), body=None, kept=kept), OFFICE)
    assert again == first


def test_the_message_id_is_the_same_for_every_attempt_and_another_elsewhere() -> None:
    letter = _letter()
    again = replace(letter, at=NOW + timedelta(hours=3))
    assert mail_headers.message_id(letter, OFFICE) == mail_headers.message_id(again, OFFICE)
    assert mail_headers.message_id(letter, OFFICE).endswith("@ketapang.example>")
    elsewhere = replace(OFFICE, secret_key="another-secret-of-another-installation")
    assert mail_headers.message_id(letter, elsewhere) != mail_headers.message_id(letter, OFFICE)


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("kind", [MessageKind.INVITE, MessageKind.PASSWORD_RESET])
def test_the_kept_copy_of_an_account_link_does_not_open_the_account(kind: MessageKind, locale: str) -> None:
    mail = rendering.render(_letter(kind, locale), OFFICE)
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    for subtype, kept in (("plain", mail.kept_text), ("html", mail.kept_html)):
        body = message.get_body((subtype,))
        assert body
        sent = body.get_content()
        start = "https://spbe.ketapang.example/" + (
            "activate/" if kind is MessageKind.INVITE else "reset-password/"
        )
        tokens = {part.split('"')[0].split("<")[0].split()[0] for part in sent.split(start)[1:]}
        assert len(tokens) == 1
        assert len(min(tokens)) > 40
        assert not any(token in kept for token in tokens)
        assert start + rendering.HIDDEN in kept


def test_lines_of_the_wire_are_short_ascii_with_carriage_returns() -> None:
    content = rendering.render(_letter(lines=(replace(LINES[0], title="é" * 2000),)), OFFICE).content
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 998
