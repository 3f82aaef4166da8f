"""The forms of reminders: which day to look at, the rules, what to prove."""

from collections.abc import Mapping, Sequence
from typing import Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from spbe_tasks.models import Account
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.services.queries.mail_proof import ProofFilter
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.mail_preferences import NEWS_WORDS
from spbe_tasks.web.forms.ownership import MultiCheckboxField
from spbe_tasks.web.forms.words import Form

WEEKDAYS = [
    SelectChoice("0", _l("Monday")),
    SelectChoice("1", _l("Tuesday")),
    SelectChoice("2", _l("Wednesday")),
    SelectChoice("3", _l("Thursday")),
    SelectChoice("4", _l("Friday")),
]
_LISTS = ("due_offsets", "review_after", "expiry_days_before")
_FIGURES = (
    "weekly_until_week",
    "then_every_days",
    "agency_head_after",
    "coordinator_after",
    "executive_after",
    "brief_weekday",
    "daily_cap",
    "per_domain_per_minute",
)
_DAYS_LENGTH = 200


class RulesForm(Form):
    """A government's rules for reminders and mail; steps are typed as numbers with commas between them."""

    due_offsets = fields.line(
        _l("Days around the due date"),
        limit=_DAYS_LENGTH,
        description=_l("Days before it are negative: -14, -7, -3, -1, 0, 1, 3."),
    )
    weekly_until_week = fields.line(_l("Then weekly until week"), limit=5)
    then_every_days = fields.line(_l("Then every so many days"), limit=5)
    agency_head_after = fields.line(_l("To the head of the agency after"), limit=5)
    coordinator_after = fields.line(_l("To the coordinator after"), limit=5)
    executive_after = fields.line(_l("To the leaders after"), limit=5)
    review_after = fields.line(
        _l("Remind reviewers after"), limit=_DAYS_LENGTH, description=_l("Working days since the submission.")
    )
    expiry_days_before = fields.line(
        _l("Before evidence ends"),
        is_required=False,
        limit=_DAYS_LENGTH,
        description=_l("Days before its last day. Empty: nobody is told."),
    )
    brief_weekday = SelectField(_l("Weekly brief on"), choices=WEEKDAYS)
    news_at_once = MultiCheckboxField(_l("Mailed at once unless a person chose otherwise"))
    daily_cap = fields.line(
        _l("Most mails in a day"), limit=7, description=_l("More are held until somebody has looked.")
    )
    per_domain_per_minute = fields.line(
        _l("Most mails to one domain in a minute"),
        is_required=False,
        limit=6,
        description=_l("Empty: as many as there are."),
    )
    repeat_uncertain = BooleanField(
        _l("Repeat a mail whose outcome is unknown"),
        description=_l("It may then arrive twice. Otherwise it may not arrive at all."),
    )
    note = fields.line(_l("Why"), is_required=False)
    seen_number = IntegerField(widget=HiddenInput(), validators=[Optional()])
    preview = SubmitField(_l("See what changes"))
    store = SubmitField(_l("Store"))

    @classmethod
    def of(cls, policy: ReminderPolicy, number: int) -> Self:
        """The form as the rules stand in version ``number``."""
        settings = policy.to_settings()
        data = {name: _typed(settings[name]) for name in (*_LISTS, *_FIGURES)}
        form = cls(
            data={
                **data,
                "repeat_uncertain": policy.repeat_uncertain,
                "news_at_once": sorted(policy.news_at_once),
                "seen_number": number,
            }
        )
        form.news_at_once.choices = [SelectChoice(kind.value, words) for kind, words in NEWS_WORDS.items()]
        return form

    def settings(self) -> Mapping[str, object]:
        """What was typed, for ``ReminderPolicy.from_settings``."""
        lists = {name: [each for each in self[name].data.replace(",", " ").split()] for name in _LISTS}
        figures = {name: self[name].data.strip() for name in _FIGURES}
        return {
            **lists,
            **figures,
            "news_at_once": self.news_at_once.data or [],
            "repeat_uncertain": bool(self.repeat_uncertain.data),
        }


def _typed(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


class ProofForm(Form):
    """Which reminders to prove. Read from the address, so it carries no token."""

    class Meta(Form.Meta):
        """A question, not a change."""

        csrf = False

    account = SelectField(_l("Person"), validators=[Optional()])
    indicator = StringField(_l("Indicator"), validators=[Optional()])
    state = SelectField(_l("Ended as"), validators=[Optional()])
    from_on = DateField(_l("From"), validators=[Optional()])
    until_on = DateField(_l("Until"), validators=[Optional()])
    task = StringField(widget=HiddenInput(), validators=[Optional()])

    def offer(self, accounts: Sequence[Account], states: Sequence[SelectChoice]) -> None:
        """Fill the lists to choose from."""
        everybody = SelectChoice("", _("All"))
        self.account.choices = [everybody, *(SelectChoice(str(each.id), each.name) for each in accounts)]
        self.state.choices = [everybody, *states]

    @property
    def wanted(self) -> ProofFilter:
        """What was asked for; what is no number or none of the list asks for everything."""
        known = {str(each.value) for each in self.state.choices}
        state = self.state.data if self.state.data in known else ""
        return ProofFilter(
            task_id=_number(self.task.data),
            indicator_number=_number(self.indicator.data),
            account_id=_number(self.account.data),
            state=IntentState(state) if state else None,
            from_on=self.from_on.data,
            until_on=self.until_on.data,
        )


def _number(text: str | None) -> int | None:
    cleaned = (text or "").strip()
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 10 else None
