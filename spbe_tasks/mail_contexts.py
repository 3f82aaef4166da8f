"""What the templates of mails are given: plain values in the reader's language, with whole addresses."""

from collections.abc import Mapping, Sequence
from datetime import date

from spbe_tasks import formatting, tokens
from spbe_tasks.labels import label
from spbe_tasks.mail_headers import Office
from spbe_tasks.messages import translate
from spbe_tasks.models import MessageKind
from spbe_tasks.rules.digest import DigestGroup
from spbe_tasks.services.briefs import Brief
from spbe_tasks.services.digest_parts import ExpiringLine, ReviewLine
from spbe_tasks.services.digests import Digest, Line
from spbe_tasks.services.escalations import EscalatedAgency, EscalatedTask
from spbe_tasks.services.letters import Hold, Letter
from spbe_tasks.services.monthly_briefs import MonthlyBrief
from spbe_tasks.services.queries.digest_lines import NewsLine

Context = dict[str, object]


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


GROUP_LABELS: Mapping[DigestGroup, str] = {
    DigestGroup.OVERDUE: _("Overdue"),
    DigestGroup.DUE_TODAY: _("Due today"),
    DigestGroup.THIS_WEEK: _("Due this week"),
    DigestGroup.LATER: _("Due later"),
}
PURPOSES = {
    MessageKind.INVITE: tokens.Purpose.ACTIVATE,
    MessageKind.PASSWORD_RESET: tokens.Purpose.RESET,
}


def context_of(letter: Letter, office: Office) -> Context:
    """Everything the templates of the letter's kind use."""
    return _shared(letter, office) | _Desk(letter, office).own()


def account_link(letter: Letter, office: Office, token: str) -> str:
    """The address under the button of a letter that opens an account."""
    return tokens.link(office.public_url, PURPOSES[letter.kind], token)


def _shared(letter: Letter, office: Office) -> Context:
    return {
        "locale": letter.person.locale,
        "recipient_name": letter.person.name,
        "government_name": letter.sender.government_name,
        "contact": letter.sender.contact,
        "preferences_url": office.url("/profile/mail"),
    }


class _Desk:
    """One letter; methods give the part of the context that its body fills."""

    def __init__(self, letter: Letter, office: Office) -> None:
        self.letter, self.office, self.locale = letter, office, letter.person.locale

    def own(self) -> Context:
        body = self.letter.body
        match body:
            case Digest():
                return self._digest(body)
            case Brief():
                return self._brief(body)
            case MonthlyBrief():
                return self._monthly(body)
            case Hold():
                return {"on": body.on, "cap": body.cap, "url": self.office.url("/outbox")}
            case None:
                is_link = self.letter.kind in PURPOSES
                return (
                    self._account_link() if is_link else {"at": self._instant(), "url": self.office.url("/")}
                )
            case _:
                return {"news": [self._news(line) for line in body]}

    def _digest(self, digest: Digest) -> Context:
        groups = [
            {
                "key": key.value,
                "label": translate(GROUP_LABELS[key], self.locale),
                "lines": [self._line(line, digest.today) for line in lines],
            }
            for key, lines in digest.groups.items()
        ]
        return {
            "today": digest.today,
            "count": sum(map(len, digest.groups.values())),
            "points": digest.points,
            "groups": groups,
            "reviews": [self._review(line) for line in digest.reviews],
            "escalations": self._agencies(digest.escalations, digest.today),
            "expiring": [self._expiring(line, digest.today) for line in digest.expiring],
            "news": [self._news(line) for line in digest.news],
        }

    def _brief(self, brief: Brief) -> Context:
        return {
            "today": brief.today,
            "count": brief.count,
            "points": brief.points,
            "escalations": self._agencies(brief.agencies, brief.today),
            "url": self.office.url("/dashboard"),
        }

    def _monthly(self, brief: MonthlyBrief) -> Context:
        return {
            "today": brief.today,
            "month": formatting.month_long(brief.today, self.locale),
            "figures": brief.figures,
            "secured": brief.find("secured"),
            "target": brief.find("target"),
            "change": brief.change,
            "forecast": brief.forecast,
            "agencies": brief.agencies,
            "overdue": brief.overdue,
            "waiting": brief.waiting,
            "blocked": brief.blocked,
            "at": formatting.datetime_long(brief.rebuilt_at, self.locale, self.letter.sender.zone),
            "is_stale": brief.is_stale,
            "url": self.office.url("/dashboard"),
            "reports_url": self.office.url("/reports"),
        }

    def _line(self, line: Line, today: date) -> Context:
        return {
            "number": line.indicator_number,
            "title": self._title(line.task_id, line.title),
            "due_on": line.due_on,
            "days": (line.due_on - today).days,
            "points": line.points,
            "state": line.state.value,
            "kind": line.kind.value,
            "url": self._task(line.task_id),
            "is_highlighted": line.is_reminded,
        }

    def _review(self, line: ReviewLine) -> Context:
        return {
            "number": line.indicator_number,
            "title": self._title(line.task_id, line.title),
            "agency": line.agency_name,
            "submitted_on": line.submitted_on,
            "working_days": line.working_days,
            "points": line.points,
            "url": self.office.url(f"/review/{line.task_id}"),
            "is_highlighted": line.is_reminded,
        }

    def _agencies(self, agencies: Sequence[EscalatedAgency], today: date) -> list[Context]:
        return [
            {
                "name": agency.name,
                "points": agency.points,
                "lines": [self._escalated(task, today) for task in agency.tasks],
            }
            for agency in agencies
        ]

    def _escalated(self, task: EscalatedTask, today: date) -> Context:
        return {
            "number": task.indicator_number,
            "title": self._title(task.task_id, task.title),
            "due_on": task.due_on,
            "days": (task.due_on - today).days,
            "working_days": task.working_days,
            "points": task.points,
            "url": self._task(task.task_id),
            "is_highlighted": task.is_new,
        }

    def _expiring(self, line: ExpiringLine, today: date) -> Context:
        return {
            "number": None,
            "title": line.title,
            "agency": line.agency_name,
            "expires_on": line.expires_on,
            "days": (line.expires_on - today).days,
            "url": self.office.url(f"/evidence/{line.evidence_id}"),
            "is_highlighted": line.is_reminded,
        }

    def _news(self, line: NewsLine) -> Context:
        return {
            "kind": line.kind.value,
            "who": line.actor_name,
            "at": formatting.datetime_long(line.at, self.locale, self.letter.sender.zone),
            "words": line.words,
            "number": line.indicator_number,
            "title": self._title(line.task_id, line.title),
            "url": self._task(line.task_id) if line.task_id else self.office.url("/news"),
            "is_highlighted": False,
        }

    def _account_link(self) -> Context:
        letter, office, person = self.letter, self.office, self.letter.person
        purpose = PURPOSES[letter.kind]
        claim = tokens.Claim(person.account_id, person.session_version)
        expires_at = tokens.expires_at(purpose, now=letter.at)
        return {
            "url": account_link(
                letter, office, tokens.make(office.secret_key, purpose, claim, now=letter.at)
            ),
            "expires_at": formatting.datetime_long(expires_at, self.locale, letter.sender.zone),
            "role_label": label(person.role, self.locale),
            "agency_name": person.agency_name,
            "inviter_name": None,
        }

    def _instant(self) -> str:
        return formatting.datetime_long(self.letter.at, self.locale, self.letter.sender.zone)

    def _title(self, task_id: int | None, stored: str | None) -> str | None:
        return stored if task_id is None else self.letter.titles.get(task_id, stored)

    def _task(self, task_id: int) -> str:
        return self.office.url(f"/tasks/{task_id}")
