"""The forms of a milestone and of a budget line of a task."""

from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from spbe_tasks.services.budget_lines import LineWords
from spbe_tasks.services.milestones import MilestoneWords
from spbe_tasks.web.forms import fields

MAX_REASON = 1000


class MilestoneForm(fields.VersionedForm):
    """What is promised, and by when."""

    title = fields.line(_l("What will be there"))
    due_on = DateField(_l("By"), validators=[fields.required()])

    @property
    def said(self) -> MilestoneWords:
        """What was typed, as the service takes it."""
        return MilestoneWords(self.title.data or "", self.due_on.data)


class ChangeMilestoneForm(MilestoneForm):
    """The same for one that stands: moving its day needs a reason."""

    reason = TextAreaField(
        _l("Why the day is moved"),
        description=_l("Needed only when the day changes."),
        validators=[Optional(), fields.at_most(MAX_REASON)],
        filters=[fields.several_lines],
    )

    @property
    def said(self) -> MilestoneWords:
        """What was typed, with the reason."""
        return MilestoneWords(self.title.data or "", self.due_on.data, self.reason.data or "")


class RupiahField(StringField):
    """An amount, written as people here do: "Rp 25.000.000" or "25.000.000,50"; its data is a Decimal."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount. Raises ValueError when it is none."""
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not typed:
            return
        try:
            self.data = as_rupiah(typed)
        except InvalidOperation as error:
            raise ValueError(self.gettext("Not a valid decimal value.")) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:,.2f}".translate(_TO_INDONESIAN).removesuffix(",00") if self.data else ""


_TO_INDONESIAN = str.maketrans({",": ".", ".": ","})


def as_rupiah(typed: str) -> Decimal:
    """The amount: dots part thousands, a comma the sen. Raises InvalidOperation for what is no amount."""
    bare = "".join(typed.split()).lower().removeprefix("rp").removeprefix(".")
    if any(len(group) != 3 for group in bare.partition(",")[0].split(".")[1:]):
        raise InvalidOperation(typed)
    return Decimal(bare.replace(".", "").replace(",", "."))


class BudgetLineForm(fields.VersionedForm):
    """A line of the budget that pays for the task."""

    code = fields.line(
        _l("Code"),
        limit=50,
        description=_l("Of the program, kegiatan or sub-kegiatan, such as 2.16.03.2.01."),
    )
    name = fields.line(_l("Name"))
    amount = RupiahField(
        _l("Amount in rupiah"),
        description=_l("Such as 25.000.000; what of this line is for the task."),
        validators=[fields.required()],
    )
    year = IntegerField(_l("Fiscal year"), validators=[fields.required()])

    @property
    def said(self) -> LineWords:
        """What was typed, as the service takes it."""
        assert self.amount.data is not None  # it is required
        return LineWords(self.code.data or "", self.name.data or "", self.amount.data, self.year.data)
