"""The golden table: situations of a plan with the index each figure must show, worked out by hand.

On 3 March 2025, the self-assessment opening on 1 August. Where nothing else is said every indicator of 59/2020 stands
at level 2, so that the baseline index is 2. Weights: 1.30 (indicators 1-10), 2.50 (11-20), 1.50 (21-31), 2.75 (32-41),
3.00 (42-47). One level of indicator 33 is worth 2.75 / 100 = 0.0275. 21-31 at level 2 or more need 12 at 2 or more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import CancelKind, State
from tests.factories import PEMDI, SPBE

TODAY = date(2025, 3, 3)
EVALUATION = date(2025, 8, 1)
IN_TIME = date(2025, 6, 30)
DAY = timedelta(days=1)
HALF, THIRD, SIXTH = Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the task of an agency (a letter) on an indicator."""

    number: int
    agency: str
    state: State
    baseline: Decimal
    target: Decimal
    round: int = 1
    reached: Decimal | None = None
    cancel_kind: CancelKind | None = None
    kind: TaskKind = TaskKind.GAP
    due_on: date = IN_TIME
    share: Fraction = Fraction(1)


def task(number: int, agency: str, state: str, climb: str, reached: str = "", **more: object) -> Round:
    """A round that climbs ``"2-4"``; cancelled ones are called "given up" or "not needed"."""
    baseline, target = (Decimal(level) for level in climb.split("-"))
    kinds = {"given up": CancelKind.GIVEN_UP, "not needed": CancelKind.NOT_NEEDED}
    values: dict[str, object] = {
        "state": State.CANCELLED if state in kinds else State(state.replace(" ", "_")),
        "cancel_kind": kinds.get(state),
        "reached": Decimal(reached) if reached else None,
        **more,
    }
    return Round(number, agency, baseline=baseline, target=target, **values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts of a plan, and what follows.

    ``figures`` are baseline, secured, expected and potential index. ``stands`` gives the secured, expected and
    potential level of indicators (0: not assessed), ``points`` what is at stake, secured, waiting and late of
    agencies, ``voided`` the raises that do not count, by figure. ``at_risk`` is the secured index where nothing has to
    be kept up.
    """

    sentence: str
    tasks: tuple[Round, ...]
    figures: tuple[str, str, str, str]
    stands: Mapping[int, tuple[str, str, str]] = field(default_factory=dict)
    levels: Mapping[int, str | None] = field(default_factory=dict)
    level: str = "2"
    evaluation_on: date | None = EVALUATION
    points: Mapping[str, tuple[str, str, str, str]] = field(default_factory=dict)
    voided: frozenset[tuple[str, int]] = frozenset()
    at_risk: str = ""
    instrument_id: str = SPBE

    @property
    def indices(self) -> dict[str, Decimal]:
        """The four figures by name."""
        return dict(
            zip(
                ("baseline", "secured", "expected", "potential"),
                (Decimal(f) for f in self.figures),
                strict=True,
            )
        )

    @property
    def index_at_risk(self) -> Decimal:
        """The index if everything that has to be kept up fell by one."""
        return Decimal(self.at_risk) if self.at_risk else self.indices["secured"]


VOID = frozenset({("expected", 21), ("potential", 21)})

REFERENCE = (
    Situation(
        "A accepted at 4, B in progress: B holds the indicator at its baseline",
        (task(33, "A", "accepted", "2-4", "4", share=HALF), task(33, "B", "in progress", "2-4", share=HALF)),
        ("2", "2", "2.055", "2.055"),
        {33: ("2", "4", "4")},
        points={"A": ("0.0275", "0", "0.0275", "0"), "B": ("0.0275", "0", "0", "0")},
    ),
    Situation(
        "A accepted at 4, B given up: the indicator stays at its baseline for good",
        (task(33, "A", "accepted", "2-4", "4", share=HALF), task(33, "B", "given up", "2-4", share=HALF)),
        ("2", "2", "2", "2"),
        {33: ("2", "2", "2")},
        points={"A": ("0.0275", "0", "0.0275", "0"), "B": ("0.0275", "0", "0", "0")},
    ),
    Situation(
        "A accepted at 4, B cancelled as not needed: A counts alone, and carries the whole",
        (task(33, "A", "accepted", "2-4", "4", share=HALF), task(33, "B", "not needed", "2-4", share=HALF)),
        ("2", "2.055", "2.055", "2.055"),
        {33: ("4", "4", "4")},
        points={"A": ("0.055", "0.055", "0", "0"), "B": ("0", "0", "0", "0")},
    ),
    Situation(
        "A alone, accepted at 3 of 4, its second round open",
        (task(33, "A", "accepted", "2-4", "3"), task(33, "A", "assigned", "3-4", round=2)),
        ("2", "2.0275", "2.0275", "2.055"),
        {33: ("3", "3", "4")},
        points={"A": ("0.055", "0.0275", "0", "0")},
    ),
    Situation(
        "A alone, reopened: what it had reached is void, and its second round withdrawn",
        (task(33, "A", "in progress", "2-4"), task(33, "A", "withdrawn", "3-4", round=2)),
        ("2", "2", "2.055", "2.055"),
        {33: ("2", "4", "4")},
        points={"A": ("0.055", "0", "0", "0")},
    ),
    Situation(
        "A alone, reached 1: below its baseline",
        (task(33, "A", "accepted", "2-4", "1"), task(33, "A", "assigned", "1-4", round=2)),
        ("2", "1.9725", "1.9725", "2.055"),
        {33: ("1", "1", "4")},
        points={"A": ("0.055", "-0.0275", "0", "0")},
    ),
)

STATES = (
    Situation("A plan without tasks stands at its baseline", (), ("2", "2", "2", "2")),
    Situation(
        "Of open work only what is submitted, or in progress and in time, is expected; all of it is possible",
        (
            task(33, "A", "planned", "2-4"),
            task(34, "A", "assigned", "2-4"),
            task(35, "A", "in progress", "2-4"),
            task(36, "A", "blocked", "2-4"),
            task(37, "A", "submitted", "2-4"),
            task(38, "A", "returned", "2-4"),
        ),
        ("2", "2", "2.11", "2.33"),
        {33: ("2", "2", "4"), 35: ("2", "4", "4"), 37: ("2", "4", "4"), 38: ("2", "2", "4")},
        points={"A": ("0.33", "0", "0", "0")},
    ),
    Situation(
        "Work given up counts as its baseline and stays in the gap",
        (task(33, "A", "given up", "2-4"),),
        ("2", "2", "2", "2"),
        points={"A": ("0.055", "0", "0", "0")},
    ),
    Situation(
        "Work that is not needed leaves the assessed level, and is no gap",
        (task(33, "A", "not needed", "2-4"),),
        ("2", "2", "2", "2"),
        points={"A": ("0", "0", "0", "0")},
    ),
    Situation(
        "Reached above the target counts",
        (task(33, "A", "accepted", "2-3", "5"),),
        ("2", "2.0825", "2.0825", "2.0825"),
        {33: ("5", "5", "5")},
        points={"A": ("0.0275", "0.0825", "0", "0")},
    ),
    Situation(
        "Of two tasks that merged the withdrawn one counts no more",
        (task(33, "A", "withdrawn", "2-4", share=HALF), task(33, "B", "accepted", "2-4", "4")),
        ("2", "2.055", "2.055", "2.055"),
        points={"B": ("0.055", "0.055", "0", "0")},
    ),
    Situation(
        "A task made by hand counts as any other",
        (task(1, "A", "submitted", "2-5", kind=TaskKind.HAND_MADE),),
        ("2", "2", "2.039", "2.039"),
        {1: ("2", "5", "5")},
    ),
    Situation(
        "Of three agencies with a half, a third and a sixth one delivered, one waits for review, one is late",
        (
            task(33, "A", "accepted", "2-4", "4", share=HALF),
            task(33, "B", "submitted", "2-4", share=THIRD),
            task(33, "C", "in progress", "2-4", share=SIXTH, due_on=TODAY - DAY),
        ),
        ("2", "2", "2", "2.055"),
        {33: ("2", "2", "4")},
        points={
            "A": ("0.0275", "0", "0.0275", "0"),
            "B": ("0.055/3", "0", "0", "0"),
            "C": ("0.055/6", "0", "0", "0.055/6"),
        },
    ),
    Situation(
        "Of three agencies the third is not needed: the others carry the whole, three parts to two",
        (
            task(33, "A", "accepted", "2-4", "4", share=HALF),
            task(33, "B", "accepted", "2-4", "3", share=THIRD),
            task(33, "B", "blocked", "3-4", round=2, share=THIRD, due_on=TODAY - DAY),
            task(33, "C", "not needed", "2-4", share=SIXTH),
        ),
        ("2", "2.0275", "2.0275", "2.055"),
        {33: ("3", "3", "4")},
        points={
            "A": ("0.033", "0.0165", "0.0165", "0"),
            "B": ("0.022", "0.011", "0", "0.011"),
            "C": ("0", "0", "0", "0"),
        },
    ),
)

ROUNDS = (
    Situation(
        "In the third round what the second reached is secured",
        (
            task(33, "A", "accepted", "2-5", "3"),
            task(33, "A", "accepted", "3-5", "4", round=2),
            task(33, "A", "in progress", "4-5", round=3, due_on=TODAY - DAY),
        ),
        ("2", "2.055", "2.055", "2.0825"),
        {33: ("4", "4", "5")},
        points={"A": ("0.0825", "0.055", "0", "0.0275")},
    ),
    Situation(
        "A second round given up counts as the level already reached",
        (task(33, "A", "accepted", "2-5", "3"), task(33, "A", "given up", "3-5", round=2)),
        ("2", "2.0275", "2.0275", "2.0275"),
    ),
    Situation(
        "A second round that is not needed leaves the first",
        (task(33, "A", "accepted", "2-5", "3"), task(33, "A", "not needed", "3-5", round=2)),
        ("2", "2.0275", "2.0275", "2.0275"),
        points={"A": ("0.0825", "0.0275", "0", "0")},
    ),
    Situation(
        "A reopened second round keeps what the first had reached",
        (task(33, "A", "accepted", "2-5", "3"), task(33, "A", "in progress", "3-5", round=2)),
        ("2", "2.0275", "2.0825", "2.0825"),
        {33: ("3", "5", "5")},
    ),
)

NOT_ASSESSED = (
    Situation(
        "Not assessed counts as zero until something is accepted",
        (task(33, "A", "submitted", "0-2"),),
        ("1.945", "1.945", "2", "2"),
        {33: ("0", "2", "2")},
        levels={33: None},
        points={"A": ("0.055", "0", "0", "0")},
    ),
    Situation(
        "Not assessed, accepted at 1, on the way to 3",
        (task(33, "A", "accepted", "0-3", "1"), task(33, "A", "planned", "1-3", round=2)),
        ("1.945", "1.9725", "1.9725", "2.0275"),
        {33: ("1", "1", "3")},
        levels={33: None},
    ),
)

PREREQUISITES = (
    Situation(
        "21 may not rise while 12 stands at 1 and nothing is planned for it",
        (task(21, "A", "submitted", "1-4"),),
        ("1.96", "1.96", "1.96", "1.96"),
        {21: ("1", "1", "1")},
        levels={12: "1", 21: "1"},
        voided=VOID,
    ),
    Situation(
        "21 may rise in the figure in which 12 rises, too",
        (task(12, "B", "assigned", "1-3"), task(21, "A", "submitted", "1-4")),
        ("1.96", "1.96", "1.96", "2.055"),
        {12: ("1", "1", "3"), 21: ("1", "1", "4")},
        levels={12: "1", 21: "1"},
        voided=frozenset({("expected", 21)}),
    ),
    Situation(
        "21 in progress is expected once 12 is submitted",
        (task(12, "B", "submitted", "1-2"), task(21, "A", "in progress", "1-2")),
        ("1.96", "1.96", "2", "2"),
        {21: ("1", "2", "2")},
        levels={12: "1", 21: "1"},
    ),
    Situation(
        "21 may not rise where one of the agencies on 12 gave up",
        (
            task(12, "A", "accepted", "1-3", "3", share=HALF),
            task(12, "B", "given up", "1-3", share=HALF),
            task(21, "A", "in progress", "1-3"),
        ),
        ("1.96", "1.96", "1.96", "1.96"),
        {12: ("1", "1", "1"), 21: ("1", "1", "1")},
        levels={12: "1", 21: "1"},
        voided=VOID,
    ),
    Situation(
        "21 may not be expected to rise when 12 was found below 2",
        (
            task(12, "A", "accepted", "2-3", "1"),
            task(12, "A", "assigned", "1-3", round=2),
            task(21, "B", "submitted", "1-3"),
        ),
        ("1.985", "1.96", "1.96", "2.04"),
        {12: ("1", "1", "3"), 21: ("1", "1", "3")},
        levels={21: "1"},
        voided=frozenset({("expected", 21)}),
    ),
    Situation(
        "21 was accepted at 3 although 12 stands at 1: a fact",
        (task(21, "A", "accepted", "1-3", "3"),),
        ("1.96", "1.99", "1.99", "1.99"),
        {21: ("3", "3", "3")},
        levels={12: "1", 21: "1"},
    ),
    Situation(
        "21 stands at 2 already although 12 stands at 1: it may rise",
        (task(21, "A", "submitted", "2-4"),),
        ("1.975", "1.975", "2.005", "2.005"),
        {21: ("2", "4", "4")},
        levels={12: "1"},
    ),
)

UPKEEP = (
    Situation(
        "A level 5 that is to be kept is at risk until its upkeep is accepted",
        (task(47, "A", "assigned", "5-5", kind=TaskKind.UPKEEP),),
        ("2.09", "2.09", "2.09", "2.09"),
        levels={47: "5"},
        at_risk="2.06",
        points={"A": ("0", "0", "0", "0")},
    ),
    Situation(
        "A level that was kept up is at risk no more",
        (task(47, "A", "accepted", "5-5", "5", kind=TaskKind.UPKEEP),),
        ("2.09", "2.09", "2.09", "2.09"),
        levels={47: "5"},
        at_risk="2.09",
    ),
    Situation(
        "A level that fell although it was to be kept has fallen, and can be regained",
        (
            task(47, "A", "accepted", "5-5", "4", kind=TaskKind.UPKEEP),
            task(47, "A", "assigned", "4-5", round=2, kind=TaskKind.UPKEEP),
        ),
        ("2.09", "2.06", "2.06", "2.09"),
        {47: ("4", "4", "5")},
        levels={47: "5"},
        at_risk="2.06",
    ),
)

DATES = (
    Situation(
        "Work in progress and due today is not late",
        (task(33, "A", "in progress", "2-4", due_on=TODAY),),
        ("2", "2", "2.055", "2.055"),
        points={"A": ("0.055", "0", "0", "0")},
    ),
    Situation(
        "Work in progress that was due yesterday is late, and expected no more",
        (task(33, "A", "in progress", "2-4", due_on=TODAY - DAY),),
        ("2", "2", "2", "2.055"),
        points={"A": ("0.055", "0", "0", "0.055")},
    ),
    Situation(
        "Work due on the day on which the self-assessment opens is in time",
        (task(33, "A", "in progress", "2-4", due_on=EVALUATION),),
        ("2", "2", "2.055", "2.055"),
    ),
    Situation(
        "Work due the day after is not",
        (task(33, "A", "in progress", "2-4", due_on=EVALUATION + DAY),),
        ("2", "2", "2", "2.055"),
    ),
    Situation(
        "Without an evaluation date only submitted work is expected",
        (task(33, "A", "in progress", "2-4"), task(34, "A", "submitted", "2-4")),
        ("2", "2", "2.055", "2.11"),
        {33: ("2", "2", "4"), 34: ("2", "4", "4")},
        evaluation_on=None,
    ),
    Situation(
        "After the self-assessment has opened work in progress comes too late, submitted work still counts",
        (
            task(33, "A", "in progress", "2-4", due_on=TODAY),
            task(34, "A", "submitted", "2-4", due_on=TODAY - 90 * DAY),
        ),
        ("2", "2", "2.055", "2.11"),
        evaluation_on=TODAY - DAY,
        points={"A": ("0.11", "0", "0", "0")},
    ),
)

DECIMALS = (
    Situation(
        "8/2026: accepted at 3.17 of 3.50, the rest submitted (weight 15)",
        (task(20, "A", "accepted", "2.50-3.50", "3.17"), task(20, "A", "submitted", "3.17-3.50", round=2)),
        ("2.5", "2.6005", "2.65", "2.65"),
        {20: ("3.17", "3.50", "3.50")},
        level="2.50",
        instrument_id=PEMDI,
        points={"A": ("0.15", "0.1005", "0", "0")},
    ),
    Situation(
        "8/2026: found at 1.00 where 1.17 was printed (weight 5), another agency above",
        (
            task(1, "A", "accepted", "1.17-2.00", "1.00", share=HALF),
            task(1, "B", "accepted", "1.17-2.00", "2.25", share=HALF),
        ),
        ("2.4335", "2.425", "2.425", "2.425"),
        {1: ("1.00", "1.00", "1.00")},
        levels={1: "1.17"},
        level="2.50",
        instrument_id=PEMDI,
        points={"A": ("0.02075", "-0.00425", "0", "0"), "B": ("0.02075", "-0.00425", "0.03125", "0")},
    ),
)

SITUATIONS = (
    *REFERENCE,
    *STATES,
    *ROUNDS,
    *NOT_ASSESSED,
    *PREREQUISITES,
    *UPKEEP,
    *DATES,
    *DECIMALS,
)


def fraction(words: str) -> Fraction:
    """``"0.055/6"`` as it is meant."""
    whole, _, part = words.partition("/")
    return Fraction(whole) / Fraction(part or 1)
