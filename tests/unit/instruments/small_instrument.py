"""A small valid instrument file, and the one change each loader test makes to it."""

SMALL = """\
id: small
title_id: Instrumen kecil
title_en: Small instrument
regulation: None
year: 2024
status: in_force
is_provisional: false
valid_years:
  from: 2024
scale:
  minimum: 1
  maximum: 2
  is_integer: true
not_assessed:
  policy: counts_as_zero
  tokens: ['', '-']
predicate_basis: unrounded
predicates:
  - {name_id: Baik, name_en: Good, lower_bound: 1.5}
  - {name_id: Kurang, name_en: Poor, lower_bound: 1.0}
level_names:
  process:
    1: {name_id: Satu, name_en: One}
    2: {name_id: Dua, name_en: Two}
prerequisites:
  - indicators: [2]
    level: 2
    needs_indicator: 1
    needs_level: 2
domains:
  - number: 1
    name_id: Domain
    name_en: Domain
    weight: 100
    aspects:
      - number: 1
        name_id: Aspek
        name_en: Aspect
        weight: 100
        indicators:
          - number: 1
            name_id: Pertama
            name_en: First
            weight: 33.3
            capability_type: process
            levels:
              2:
                a: {text_id: Ada., text_en: There is one.}
                b: {text_id: Direviu., text_en: Reviewed., is_review: true}
          - number: 2
            name_id: Kedua
            name_en: Second
            weight: 66.7
            capability_type: process
"""


def changed(old: str, new: str) -> bytes:
    """The small instrument with one piece of its text replaced."""
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new).encode()


def line_of(data: bytes, text: str) -> int:
    """The line of a file on which ``text`` stands, counted from 1."""
    return next(n for n, line in enumerate(data.decode().splitlines(), start=1) if text in line)
