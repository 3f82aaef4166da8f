"""A forecast as it is stored and read back: days as numbers, fractions as text, so that nothing is rounded."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar

from spbe_tasks.models import PlanForecast
from spbe_tasks.rules.calibration import Discount
from spbe_tasks.rules.forecast import Forecast, IndexSpan, Outcome, Pace, Span

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class StoredForecast:
    """A forecast as of the day ``as_of_on``, from which its days count; without ``forecast``: too little history.

    ``window_on`` is when the self-assessment of the evaluation opens, None where it is not known. ``finished`` is how
    many pieces of work are finished in all plans. ``names`` are of the agencies whose rows this person may see.
    """

    plan_id: int
    as_of_on: date
    made_at: datetime
    target: Fraction | None
    window_on: date | None
    discount: Discount | None
    finished: int
    open: int
    forecast: Forecast | None
    names: Mapping[int, str]

    @property
    def is_window_past(self) -> bool:
        """Whether the self-assessment had opened before the day of the forecast."""
        return self.window_on is not None and self.window_on < self.as_of_on

    @property
    def late(self) -> int:
        """How many open tasks end after the self-assessment opens, in the middle of the futures; 0 also if unknown."""
        if self.forecast is None or self.forecast.late is None:
            return 0
        return self.forecast.late.middle or 0

    @property
    def agencies(self) -> tuple[Pace, ...]:
        """The rows this person may see: who holds the target back most often first."""
        rows = self.forecast.agencies if self.forecast else ()
        return tuple(row for row in rows if row.agency_id in self.names)

    def on(self, days: int | None) -> date | None:
        """The date so many days after that of the forecast; None for none."""
        return None if days is None else self.as_of_on + timedelta(days=days)


def to_json(stored: StoredForecast) -> dict[str, Any]:
    """What the ``details`` column keeps."""
    return {
        "as_of_on": stored.as_of_on.isoformat(),
        "target": _text(stored.target),
        "window_on": stored.window_on.isoformat() if stored.window_on else None,
        "discount": {**asdict(stored.discount), "kept": str(stored.discount.kept)}
        if stored.discount
        else None,
        "finished": stored.finished,
        "open": stored.open,
        "forecast": _plain(asdict(stored.forecast)) if stored.forecast else None,
        "names": {str(agency_id): name for agency_id, name in stored.names.items()},
    }


def from_json(row: PlanForecast) -> StoredForecast:
    """A stored forecast as values, with every agency's name."""
    kept = row.details
    return StoredForecast(
        plan_id=row.plan_id,
        as_of_on=date.fromisoformat(kept["as_of_on"]),
        made_at=row.made_at,
        target=_maybe(Fraction, kept["target"]),
        window_on=_maybe(date.fromisoformat, kept["window_on"]),
        discount=_maybe(_discount, kept["discount"]),
        finished=kept["finished"],
        open=kept["open"],
        forecast=_maybe(_forecast, kept["forecast"]),
        names={int(agency_id): name for agency_id, name in kept["names"].items()},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Fraction) else value


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _maybe(make: Callable[[Any], Value], stored: Any) -> Value | None:
    return None if stored is None else make(stored)


def _discount(stored: Mapping[str, Any]) -> Discount:
    return Discount(**{**stored, "kept": Fraction(stored["kept"])})


def _span(stored: Mapping[str, Any]) -> Span:
    return Span(**stored)


def _index(stored: Mapping[str, Any]) -> IndexSpan:
    return IndexSpan(**{name: Fraction(value) for name, value in stored.items()})


def _outcome(stored: Mapping[str, Any]) -> Outcome:
    return Outcome(
        ceiling=Fraction(stored["ceiling"]),
        reached=_maybe(_span, stored["reached"]),
        by_horizon=_maybe(Fraction, stored["by_horizon"]),
        index=_maybe(_index, stored["index"]),
    )


def _pace(stored: Mapping[str, Any]) -> Pace:
    own = {"days": _span(stored["days"]), "late": _maybe(Fraction, stored["late"])}
    return Pace(**{**stored, **own, "holds": Fraction(stored["holds"])})


def _forecast(stored: Mapping[str, Any]) -> Forecast:
    return Forecast(
        accepted=_outcome(stored["accepted"]),
        recognised=_maybe(_outcome, stored["recognised"]),
        closing=_span(stored["closing"]),
        late=_maybe(_span, stored["late"]),
        agencies=tuple(_pace(each) for each in stored["agencies"]),
    )
