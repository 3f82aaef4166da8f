"""What leaves the product about reminders by hand: the proof, the list for the chat group, the draft of a note."""

from collections.abc import Iterator, Sequence

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from spbe_tasks import clock, formatting
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.labels import label
from spbe_tasks.models import ReminderIntent
from spbe_tasks.papers import chat as chat_text
from spbe_tasks.papers import official_note, proof_pdf
from spbe_tasks.papers.proof_pdf import ProofPaper
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import agency_lists, mail_proofs, official_notes, trail
from spbe_tasks.services.queries import mail_proof as queries
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries.mail_proof import Proof
from spbe_tasks.web.access import acting_for, government, person, requires, role, scope
from spbe_tasks.web.csv_files import csv_response
from spbe_tasks.web.file_answers import attachment
from spbe_tasks.web.forms.reminders import ProofForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.paging import page_number
from spbe_tasks.web.reminder_words import cancel_words, ending_words, message_words, rung_words, seal_words
from spbe_tasks.web.reminders import blueprint

__all__ = ["blueprint"]  # the blueprint of reminders, with these routes added

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/proof")
@requires(Capability.VIEW_OUTBOX)
def proof() -> ResponseReturnValue:
    """Every reminder there was: to whom, of what, when, and what the mail server answered."""
    form, page = _asked(), page_number()
    wanted, zone = form.wanted, government().timezone
    rows = queries.list_proofs(db.session(), scope(), wanted, zone, page=page)
    return render_template(
        "reminders/proof.html",
        form=form,
        rows=[
            (row, is_proved)
            for row, is_proved in zip(rows, mail_proofs.compare(db.session(), rows), strict=True)
        ],
        total=queries.count_proofs(db.session(), scope(), wanted, zone),
        page=page,
        per_page=queries.PAGE_SIZE,
        most={"pdf": mail_proofs.MOST_PRINTED, "csv": mail_proofs.MOST_EXPORTED},
        asked={name: value for name, value in request.args.items() if value and name != "page"},
    )


@blueprint.get("/proof.<any(csv, pdf):suffix>")
@requires(Capability.VIEW_OUTBOX)
def export_proof(suffix: str) -> ResponseReturnValue:
    """The same, as a table to work with or as a paper to file: all of it, or none where it is too much for one file."""
    most = mail_proofs.MOST_EXPORTED if suffix == "csv" else mail_proofs.MOST_PRINTED
    rows = mail_proofs.list_all(db.session(), scope(), _asked().wanted, government().timezone, most=most)
    lines = list(_lines(rows))
    if suffix == "csv":
        return csv_response("bukti-pengingat.csv", _columns(), lines)
    return attachment(proof_pdf.write(_paper(lines)), "bukti-pengingat.pdf", "application/pdf")


@blueprint.get("/agencies/<int:agency_id>/list")
@requires(Capability.MANAGE_AGENCIES)
def chat(agency_id: int) -> ResponseReturnValue:
    """The agency's list of today as plain text to copy, in the language asked for."""
    locale = request.args.get("language", current_locale())
    locale = locale if locale in ("id", "en") else current_locale()
    found = agency_lists.build(db.session(), scope(), agency_id, locale, now=clock.now())
    return render_template(
        "reminders/chat.html",
        found=found,
        text=chat_text.write(found, locale, _url_of),
        language=locale,
        has_note=official_notes.is_called_for(db.session(), scope(), agency_id, now=clock.now()),
    )


@blueprint.get("/agencies/<int:agency_id>/nota-dinas.docx")
@requires(Capability.MANAGE_AGENCIES)
def letter(agency_id: int) -> ResponseReturnValue:
    """The draft of an official note to the agency's head about what has come to the top of the escalation."""
    locale = current_locale()
    note = official_notes.build(db.session(), scope(), agency_id, locale, now=clock.now())
    content = official_note.write(note, locale, sender=_sender(locale))
    return attachment(content, f"nota-dinas-{agency_id}.docx", DOCX)


def _sender(locale: str) -> str:
    """The position in which the person writes: their own, or the one they stand in for."""
    taken = acting_for()
    position = (taken or person()).position or label(role(), locale)
    return official_note.stands_in(taken.kind if taken else None, position, locale)


def _url_of(task_id: int) -> str:
    settings: Settings = current_app.extensions["settings"]
    return f"{settings.public_url.rstrip('/')}/tasks/{task_id}"


def _asked() -> ProofForm:
    form = ProofForm(request.args)
    states = [SelectChoice(state.value, ending_words(state)) for state in IntentState]
    form.offer(people.list_accounts(db.session(), scope()), states)
    return form


def _columns() -> list[str]:
    return [
        _("When"),
        _("To"),
        _("Of what"),
        _("Step"),
        _("Ended as"),
        _("Answer of the server"),
        _("In the trail"),
    ]


def _lines(rows: Sequence[Proof]) -> Iterator[list[str]]:
    locale, zone = current_locale(), government().timezone
    for row, is_proved in zip(rows, mail_proofs.compare(db.session(), rows), strict=True):
        intent, message = row.intent, row.message
        number = f"{row.indicator_number}. " if row.indicator_number else ""
        address = f" <{message.to_address}>" if message and message.to_address else ""
        yield [
            formatting.datetime_long(intent.ended_at or intent.planned_at, locale, zone),
            f"{row.account_name}{address}",
            f"{row.agency or ''}: {number}{row.title}",
            rung_words(row),
            _ending(intent),
            message_words(message),
            seal_words(row.sealed_at, is_proved),
        ]


def _paper(lines: Sequence[Sequence[str]]) -> ProofPaper:
    locale, home = current_locale(), government()
    verified = trail.verify(db.session(), home.id)
    state = (
        _("The chain of the trail is whole.")
        if verified.is_intact
        else _("The chain of the trail is broken at %(position)s.", position=verified.broken_at)
    )
    now = formatting.datetime_long(clock.now(), locale, home.timezone)
    return ProofPaper(
        title=_("Proof of reminders"),
        government=home.name,
        notes=[
            _("Written on %(when)s, %(count)s reminders.", when=now, count=len(lines)),
            _(
                "%(count)s sealed events; head of the chain: %(head)s",
                count=verified.sealed,
                head=verified.head,
            ),
            state,
        ],
        columns=_columns(),
        rows=lines,
        foot=_("Proof of reminders, %(when)s, chain %(head)s", when=now, head=verified.head[:16]),
        page_words=_("page %(page)s of %(pages)s"),
        lost_words=_(
            "Letters that this paper cannot show stand without their accents or as “?”; the CSV has them as they are."
        ),
    )


def _ending(intent: ReminderIntent) -> str:
    """How it ended and, where it was cancelled, why."""
    if intent.state is not IntentState.CANCELLED or not intent.reason:
        return ending_words(intent.state)
    return f"{ending_words(intent.state)}: {cancel_words(intent.reason)}"
