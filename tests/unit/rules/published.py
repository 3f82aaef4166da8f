"""The published results the arithmetic is checked against: tests/data/cases."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).resolve().parents[2] / "data" / "cases"


@dataclass(frozen=True)
class Case:
    """One published result; ``facts`` is the file as it stands."""

    name: str
    facts: dict[str, Any]

    @property
    def levels(self) -> dict[int, Decimal]:
        return {number: Decimal(level) for number, level in self.facts["levels"].items()}


def read(name: str) -> Case:
    return Case(name, yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8")))


def with_levels() -> list[Case]:
    cases = [read(path.stem) for path in sorted(CASES.glob("*.yaml"))]
    return [case for case in cases if case.facts.get("levels")]
