"""The form of what a person wants mailed: how often the digest, and each kind of news where."""

from collections.abc import Collection, Iterator
from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from spbe_tasks.models import NewsKind
from spbe_tasks.rules.preferences import Cadence, NewsWish, Preference
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.words import Form

CADENCES = [
    SelectChoice(Cadence.DAILY, _l("On every working day on which there is something to say")),
    SelectChoice(Cadence.WEEKLY, _l("Once a week, on its first working day")),
    SelectChoice(Cadence.NEVER, _l("Never: I look at my tasks myself")),
]
WISHES = [
    SelectChoice(NewsWish.AT_ONCE, _l("At once")),
    SelectChoice(NewsWish.DIGEST, _l("In the digest")),
    SelectChoice(NewsWish.NEVER, _l("Never by mail")),
]

NEWS_WORDS = {
    NewsKind.ASSIGNED: _l("A task is given to me"),
    NewsKind.RETURNED: _l("A submission is returned"),
    NewsKind.ACCEPTED: _l("A submission is accepted"),
    NewsKind.SUBMITTED: _l("A task is submitted for review"),
    NewsKind.MENTIONED: _l("Somebody mentions me in a comment"),
    NewsKind.COMMENTED: _l("A comment on a task of mine"),
    NewsKind.EXTENSION_ASKED: _l("Somebody asks for an extension"),
    NewsKind.EXTENSION_ANSWERED: _l("My request for an extension is answered"),
    NewsKind.FILE_READY: _l("A file I asked for is ready"),
}


def _news(kind: NewsKind) -> SelectField:
    return SelectField(NEWS_WORDS[kind], choices=WISHES)


class MailPreferencesForm(Form):
    """How often the digest; the brief of the month; then one field for each ``NewsKind``, named after it."""

    cadence = RadioField(_l("Digest of dates"), choices=CADENCES, validators=[fields.required()])
    wants_monthly = BooleanField(
        _l("Mail me the monthly brief about the index"),
        description=_l("Once a month, to coordinators and leaders, if the government sends one."),
    )
    assigned = _news(NewsKind.ASSIGNED)
    returned = _news(NewsKind.RETURNED)
    accepted = _news(NewsKind.ACCEPTED)
    submitted = _news(NewsKind.SUBMITTED)
    mentioned = _news(NewsKind.MENTIONED)
    commented = _news(NewsKind.COMMENTED)
    extension_asked = _news(NewsKind.EXTENSION_ASKED)
    extension_answered = _news(NewsKind.EXTENSION_ANSWERED)
    file_ready = _news(NewsKind.FILE_READY)

    @classmethod
    def of(cls, preference: Preference, at_once: Collection[str]) -> Self:
        """The form as the person's mail stands; ``at_once`` are the kinds of news of their government's rules."""
        wishes = {kind.value: preference.wish(kind, at_once).value for kind in NewsKind}
        monthly = {"wants_monthly": preference.wants_monthly}
        return cls(data={"cadence": preference.cadence.value, **monthly, **wishes})

    @property
    def news_fields(self) -> Iterator[Field]:
        """The fields of news, in their order."""
        return (each for each in self if each.name in tuple(NewsKind))

    def preference(self, at_once: Collection[str], *, former: Preference) -> Preference:
        """What was chosen; what is as usual is not kept, so that it follows the government's rules.

        Whoever is not asked about the brief of the month keeps what they had chosen of it.
        """
        chosen = {each.name: NewsWish(each.data) for each in self.news_fields}
        usual = Preference()
        news = {kind: wish for kind, wish in chosen.items() if wish is not usual.wish(kind, at_once)}
        wants_monthly = self.wants_monthly.data if "wants_monthly" in self else former.wants_monthly
        return Preference(Cadence(self.cadence.data), news, bool(wants_monthly))
