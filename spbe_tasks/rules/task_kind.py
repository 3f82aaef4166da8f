"""Kinds of tasks, and what each has at stake."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from spbe_tasks.rules.index import WEIGHT_TOTAL


class TaskKind(StrEnum):
    """Why there is a task: to close a gap, to keep a level that would fall, or because a coordinator made it."""

    GAP = "gap"
    UPKEEP = "upkeep"
    HAND_MADE = "hand_made"


def levels_at_stake(kind: TaskKind, *, baseline: Decimal, target: Decimal) -> Fraction:
    """How many levels a round is about: those it climbs; the one that would be lost where upkeep only keeps a level."""
    climb = Fraction(target) - Fraction(baseline)
    return Fraction(1) if kind is TaskKind.UPKEEP and climb <= 0 else climb


def at_stake(
    kind: TaskKind, share: Fraction, weight: Decimal, *, baseline: Decimal, target: Decimal
) -> Fraction:
    """Index points of one round: share (of 1) x weight (of 100) x levels at stake / 100, exact.

    Of an upkeep round that keeps its level these points are a risk: they are lost if the level falls by one. They are
    no part of the gap.
    """
    return share * Fraction(weight) * levels_at_stake(kind, baseline=baseline, target=target) / WEIGHT_TOTAL
