"""Mails from templates, in the reader's language and the government's zone, without a request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, partial
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from spbe_tasks import formatting, message_ids, tokens
from spbe_tasks.labels import label
from spbe_tasks.messages import translate, translations
from spbe_tasks.models import MessageKind
from spbe_tasks.resources import folder
from spbe_tasks.rules.reminders import DigestGroup
from spbe_tasks.services.digests import Line
from spbe_tasks.services.letters import Letter, Mail


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


GROUP_LABELS: Mapping[DigestGroup, str] = {
    DigestGroup.OVERDUE: _("Overdue"),
    DigestGroup.DUE_TODAY: _("Due today"),
    DigestGroup.THIS_WEEK: _("Due this week"),
    DigestGroup.LATER: _("Due later"),
}
_PURPOSES = {
    MessageKind.INVITE: tokens.Purpose.ACTIVATE,
    MessageKind.PASSWORD_RESET: tokens.Purpose.RESET,
}
# Stands in the kept copy where the mail itself had the secret part of a link.
HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Office:
    """What every mail of this installation needs: where links lead, who signs them, who sends."""

    public_url: str
    secret_key: str
    mail_from: str

    def url(self, path: str) -> str:
        """The full address of a page."""
        return f"{self.public_url.rstrip('/')}{path}"


def render(letter: Letter, office: Office) -> Mail:
    """The words of a letter and the message for the wire. The copy to keep shows no link that opens an account."""
    context = _context(letter, office)
    subject = " ".join(_words(letter, "subject.txt", context).split())
    text, html = _words(letter, "txt", context), _words(letter, "html", context)
    content = _message(letter, office, (subject, text, html)).as_bytes()
    if "url" in context:
        context["url"] = _link(letter, office, HIDDEN)
        text, html = _words(letter, "txt", context), _words(letter, "html", context)
    return Mail(subject=subject, content=content, kept_text=text, kept_html=html)


def message_id(letter: Letter, office: Office) -> str:
    """The same for every attempt at a letter, and never that of another installation with the same sender."""
    domain = office.mail_from.rpartition("@")[2]
    return message_ids.make(office.secret_key, letter.message_id, letter.kind, domain)


def _message(letter: Letter, office: Office, parts: tuple[str, str, str]) -> EmailMessage:
    subject, text, html = parts
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = message_id(letter, office)
    mail["Date"] = format_datetime(letter.at.astimezone(ZoneInfo(letter.sender.zone)))
    mail["From"] = Address(letter.sender.name, addr_spec=office.mail_from)
    mail["To"] = Address(letter.person.name, addr_spec=letter.person.address)
    if letter.sender.reply_to:
        mail["Reply-To"] = letter.sender.reply_to
    mail["Subject"] = subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = letter.person.locale  # earlier, it would move into the first part
    return mail


def _context(letter: Letter, office: Office) -> dict[str, object]:
    person, sender = letter.person, letter.sender
    shared: dict[str, object] = {
        "locale": person.locale,
        "recipient_name": person.name,
        "government_name": sender.government_name,
        "contact": sender.contact,
    }
    return shared | (_digest(letter, office) if letter.digest else _account_link(letter, office))


def _digest(letter: Letter, office: Office) -> dict[str, object]:
    assert letter.digest
    groups = [
        {
            "key": key.value,
            "label": translate(GROUP_LABELS[key], letter.person.locale),
            "lines": [_line(line, letter.digest.today, office) for line in lines],
        }
        for key, lines in letter.digest.groups.items()
    ]
    return {"today": letter.digest.today, "count": letter.digest.count, "groups": groups}


def _line(line: Line, today: date, office: Office) -> dict[str, object]:
    return {
        "number": line.indicator_number,
        "title": line.title,
        "due_on": line.due_on,
        "days": (line.due_on - today).days,
        "points": line.points,
        "state": line.state.value,
        "kind": line.kind.value,
        "url": office.url(f"/tasks/{line.task_id}"),
        "is_highlighted": line.is_reminded,
    }


def _account_link(letter: Letter, office: Office) -> dict[str, object]:
    person, purpose = letter.person, _PURPOSES[letter.kind]
    claim = tokens.Claim(person.account_id, person.session_version)
    expires_at = tokens.expires_at(purpose, now=letter.at)
    return {
        "url": _link(letter, office, tokens.make(office.secret_key, purpose, claim, now=letter.at)),
        "expires_at": formatting.datetime_long(expires_at, person.locale, letter.sender.zone),
        "role_label": label(person.role, person.locale),
        "agency_name": person.agency_name,
        "inviter_name": None,
    }


def _link(letter: Letter, office: Office, token: str) -> str:
    return tokens.link(office.public_url, _PURPOSES[letter.kind], token)


def _words(letter: Letter, part: str, context: Mapping[str, object]) -> str:
    template = _environment(letter.person.locale).get_template(f"email/{letter.kind}.{part}")
    return template.render(context).strip() + "\n"


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    filters: dict[str, Callable[..., str]] = {
        name: partial(getattr(formatting, name), locale=locale)
        for name in ("date_long", "date_short", "points", "level", "decimal2")
    }
    environment.filters.update(filters)
    return environment
