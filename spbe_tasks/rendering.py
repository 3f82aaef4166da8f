"""Mails and sentences from templates, in the reader's language and the government's zone, without a request."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, partial

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from spbe_tasks import formatting, mail_contexts, mail_headers
from spbe_tasks.mail_headers import Office, Words
from spbe_tasks.messages import translations
from spbe_tasks.models import MessageKind
from spbe_tasks.resources import folder
from spbe_tasks.services.forecast_record import StoredForecast
from spbe_tasks.services.letters import Letter, Mail

# Stands in the kept copy where the mail itself had the secret part of a link.
HIDDEN = "…"


def render(letter: Letter, office: Office) -> Mail:
    """The words of a letter and the message for the wire. The copy to keep shows no link that opens an account.

    A repetition says what was said the first time, word for word.
    """
    if letter.kept:
        words = Words(letter.kept.subject, letter.kept.text, letter.kept.html)
        return _mail(letter, office, words, words)
    context = mail_contexts.context_of(letter, office)
    words = kept = _words(letter, context)
    if letter.kind in mail_contexts.PURPOSES:
        hidden = mail_contexts.account_link(letter, office, HIDDEN)
        kept = _words(letter, context | {"url": hidden})
    return _mail(letter, office, words, kept)


def forecast_words(forecast: StoredForecast, secured: Fraction, locale: str) -> str:
    """What a forecast says in one sentence, as pages and mails say it; ``secured`` is the exact secured index."""
    macros = _environment(locale).get_template("forecasts/_words.html").module
    said = [macros.answer(forecast, secured), macros.warning(forecast)]  # type: ignore[attr-defined]
    return " ".join(" ".join(map(str, said)).split())


def _mail(letter: Letter, office: Office, words: Words, kept: Words) -> Mail:
    content = mail_headers.compose(letter, words, office)
    return Mail(subject=words.subject, content=content, kept_text=kept.text, kept_html=kept.html)


def _words(letter: Letter, context: Mapping[str, object]) -> Words:
    subject, text, html = (
        _template(letter.person.locale, letter.kind, part).render(context)
        for part in ("subject.txt", "txt", "html")
    )
    return Words(" ".join(subject.split()), text.strip() + "\n", html.strip() + "\n")


@cache
def _template(locale: str, kind: MessageKind, part: str) -> Template:
    return _environment(locale).get_template(f"email/{kind}.{part}")


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    filters: dict[str, Callable[..., str]] = {
        name: partial(getattr(formatting, name), locale=locale)
        for name in ("date_long", "date_short", "points", "level", "decimal2", "percent")
    }
    environment.filters.update(filters)
    return environment
