"""Words and figures of the meeting report in one language and zone, and whether any letters were lost on the way."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from spbe_tasks import formatting
from spbe_tasks.formatting import Number
from spbe_tasks.labels import label
from spbe_tasks.messages import translate, translations
from spbe_tasks.papers.letters import printable, words
from spbe_tasks.papers.meeting_style import CELL, NUMBER


class Pen:
    """Writes in ``locale``; ``is_lossy`` once something was written that has letters the fonts do not have."""

    def __init__(self, locale: str, zone: str) -> None:
        self.locale, self.zone, self.is_lossy = locale, zone, False

    def t(self, text: str, **params: object) -> str:
        """``text`` of the catalogue in the reader's language."""
        return translate(text, self.locale, **params)

    def nt(self, one: str, many: str, count: int, **params: object) -> str:
        """The same for a number of things."""
        return translations(self.locale).ngettext(one, many, count) % {"num": count, **params}

    def word(self, what: str) -> str:
        """What a role, state or kind is called."""
        return label(what, self.locale)

    def p(self, text: str, style: ParagraphStyle = CELL) -> Paragraph:
        """A paragraph that shows ``text`` as it was typed."""
        self.is_lossy = self.is_lossy or printable(text) != text
        return Paragraph(words(text), style)

    def row(self, texts: Sequence[str], first: ParagraphStyle, others: ParagraphStyle) -> list[Paragraph]:
        """Cells of a row: words first, then figures."""
        return [self.p(text, first if number == 0 else others) for number, text in enumerate(texts)]

    def number(self, text: str, style: ParagraphStyle = NUMBER) -> Paragraph:
        """A figure, at the right of its column."""
        return self.p(text, style)

    def index(self, value: Fraction) -> str:
        """An index: ``3,06``."""
        return formatting.decimal2(value, self.locale)

    def points(self, value: Number) -> str:
        """Index points: ``0,055``."""
        return formatting.points(value, self.locale)

    def day(self, value: date) -> str:
        """``30 Nov 2026``."""
        return formatting.date_short(value, self.locale)
