"""Words about problems of a file: where it stands, what is wrong, and how to mend it."""

from typing import Any

from flask_babel import gettext as _

from spbe_tasks.messages import describe
from spbe_tasks.readers.document import Place
from spbe_tasks.rules.errors import Problem
from spbe_tasks.web.locale import current_locale


def place_words(what: Problem | Place) -> str:
    """Where it stands in the file: sheet, page, row and column; empty when that cannot be said."""
    page, sheet, row, column = _place(what)
    parts = [
        _("sheet %(name)s", name=sheet) if sheet else "",
        _("page %(number)s", number=page) if page else "",
        _("row %(number)s", number=row) if row else "",
        _("column %(letter)s", letter=column) if column else "",
    ]
    return ", ".join(part for part in parts if part)


def split_sentence(problem: Problem) -> tuple[str, str]:
    """What is wrong, and how to mend it: our sentences say the one first, then the other."""
    wrong, _dot, remedy = describe(problem, current_locale()).partition(". ")
    return (f"{wrong}." if remedy else wrong), remedy


def row_words(problem: Problem, column: str | None) -> dict[str, Any]:
    """A problem as a row of ``problem_table``; ``column`` is how people call its column."""
    wrong, remedy = split_sentence(problem)
    return {
        "row": problem.row,
        "column": column,
        "value": problem.value,
        "wrong": wrong,
        "remedy": remedy,
    }


def _place(what: Problem | Place) -> tuple[object, object, object, object]:
    if isinstance(what, Place):
        return what.page, what.sheet, what.row, what.column
    return what.params.get("page"), what.params.get("sheet"), what.row, what.params.get("column")
