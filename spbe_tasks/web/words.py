"""The words of pages: each looked up once per language, because one page asks for more than a hundred."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask
from markupsafe import Markup

from spbe_tasks.messages import translations
from spbe_tasks.web.locale import current_locale

_remember = lru_cache(maxsize=4_096)


def _gettext(text: str, /, **values: object) -> Markup:
    """``text`` in the reader's language; values are escaped, the words themselves are ours."""
    return _words(text, current_locale()) % values if values else _plain_words(text, current_locale())


def _ngettext(one: str, many: str, number: int, /, **values: object) -> Markup:
    """The same for a number, which the words may show as ``num``."""
    words = translations(current_locale()).ngettext(one, many, number)
    return Markup(words) % {"num": number, **values}  # noqa: S704 - from the catalogue


@_remember
def _words(text: str, locale: str) -> Markup:
    return Markup(translations(locale).gettext(text))  # noqa: S704 - from the catalogue


@_remember
def _plain_words(text: str, locale: str) -> Markup:
    return _words(text, locale) % {}  # a doubled percent sign is a single one


def remembered(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """``macro``, worked out once for each language and set of arguments; for small ones that depend on nothing else."""

    @_remember
    def write(_locale: str, *given: Any, **named: Any) -> Markup:
        return macro(*given, **named)

    return lambda *given, **named: write(current_locale(), *given, **named)


def init_app(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(
        {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext, "remembered": remembered}
    )
