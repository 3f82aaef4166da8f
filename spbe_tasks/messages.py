"""Words for error codes, in the reader's language, without a request: used by pages, mails and the command line."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from spbe_tasks.rules.errors import InvalidInputError, Problem, SpbeError

LOCALES = ("id", "en")
TRANSLATIONS = Path(__file__).resolve().parent / "translations"


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


# Each sentence says what is wrong and what to do about it.
WORDS: Mapping[str, str] = {
    "error": _("Something was refused."),
    "not_found": _("This does not exist, or it is not yours to see."),
    "forbidden": _("Your role does not allow this. Ask the coordinator if you need it."),
    "invalid_input": _("Some of what you entered needs mending; nothing was stored."),
    "conflict": _("Someone else changed this meanwhile. Look at the newest version and try again."),
    "conflict.stale": _("Someone else changed this meanwhile. Look at the newest version and try again."),
    "conflict.unique": _("This already exists. Open the existing one or choose another name."),
    "field.required": _("Please fill this in."),
}


@cache
def translations(locale: str) -> NullTranslations:
    """The catalogue of ``locale``; English needs none."""
    return Translations.load(TRANSLATIONS, [locale])


def translate(text: str, locale: str, **params: object) -> str:
    """``text`` in ``locale`` with its parameters filled in."""
    words = translations(locale).gettext(text)
    return words % params if params else words


def describe(what: SpbeError | Problem, locale: str) -> str:
    """One sentence for an error or a problem; an unknown code shows itself rather than hiding."""
    sentence = WORDS.get(what.code)
    if sentence is None:
        return what.code
    return translate(sentence, locale, **{"value": _value(what), **what.params})


def _value(what: SpbeError | Problem) -> str:
    return (what.value or "") if isinstance(what, Problem) else ""


def describe_all(error: SpbeError, locale: str) -> list[str]:
    """The sentences of an error, one per problem, each with its row and field in front."""
    if not isinstance(error, InvalidInputError) or not error.problems:
        return [describe(error, locale)]
    return [f"{_place(problem, locale)}{describe(problem, locale)}" for problem in error.problems]


def _place(problem: Problem, locale: str) -> str:
    parts = []
    if problem.row is not None:
        parts.append(translate(_("row %(row)s"), locale, row=problem.row))
    if problem.field:
        parts.append(problem.field)
    return f"{', '.join(parts)}: " if parts else ""
