from collections.abc import Iterable
from enum import StrEnum

import pytest
from flask import Flask, g, render_template_string

from spbe_tasks.models import MessageKind, MessageState, SuppressionReason
from spbe_tasks.rules.feedback import FeedbackKind
from spbe_tasks.rules.ledger import CancelReason, IntentState
from spbe_tasks.rules.recipients import RecipientReason
from spbe_tasks.services.outbox import Reason


def rendered(app: Flask, source: str, *, locale: str, **values: object) -> str:
    with app.test_request_context():
        g.locale = locale
        return render_template_string(source, **values)


BADGE = '{% from "_macros/task.html" import state_badge %}{{ state_badge(state) }}'
LEVELS = "{{ _('level %(start)s to %(end)s', start=start, end=3) }}"


def test_remembered_badges_are_kept_for_each_language(app: Flask) -> None:
    pages = [rendered(app, BADGE, locale=locale, state="blocked") for locale in ("id", "en", "id")]
    assert "Terkendala" in pages[0]
    assert "Blocked" in pages[1]
    assert pages[2] == pages[0]


def test_values_in_a_sentence_are_escaped_and_its_own_words_are_not(app: Flask) -> None:
    assert rendered(app, LEVELS, locale="en", start="<b>") == "level &lt;b&gt; to 3"
    assert rendered(app, "{{ _('Who\u2019s <next>?') }}", locale="en") == "Who\u2019s <next>?"


def test_a_doubled_percent_sign_shows_as_one_with_and_without_values(app: Flask) -> None:
    assert rendered(app, "{{ _('100%% done') }}", locale="en") == "100% done"
    assert rendered(app, "{{ _('%(share)s%% done', share=5) }}", locale="en") == "5% done"


def test_a_number_chooses_the_form_of_the_sentence(app: Flask) -> None:
    source = "{{ ngettext('%(num)s day left', '%(num)s days left', number) }}"
    assert rendered(app, source, locale="en", number=1) == "1 day left"
    assert rendered(app, source, locale="en", number=2) == "2 days left"


@pytest.mark.parametrize(
    ("template", "macro", "values"),
    [
        ("outbox", "message_badge", MessageState),
        ("outbox", "message_state", MessageState),
        ("outbox", "kind_words", MessageKind),
        ("outbox", "reason_words", Reason),
        ("outbox", "feedback_words", FeedbackKind),
        ("reminders", "because_words", RecipientReason),
        ("reminders", "ending_words", IntentState),
        ("reminders", "cancel_words", CancelReason),
        ("reminders", "suppression_words", SuppressionReason),
    ],
)
def test_whatever_can_be_said_of_a_mail_has_words_of_its_own_in_both_languages(
    app: Flask, template: str, macro: str, values: Iterable[StrEnum]
) -> None:
    source = f'{{% from "{template}/_words.html" import {macro} %}}{{{{ {macro}(value) }}}}'
    codes = [value.value for value in values]
    said = {
        locale: [rendered(app, source, locale=locale, value=code) for code in codes]
        for locale in ("en", "id")
    }
    assert {len(set(words)) for words in said.values()} == {len(codes)}
    assert not set(said["en"]) & set(said["id"])  # what has none would stand as it is stored, in both
