"""What makes a password good enough. No complexity recipes: length, and not being the person's own name."""

import re

from spbe_tasks.rules.errors import Problem

# NIST SP 800-63B asks for 8 at least and forbids recipes; 12 because the product has no second factor yet.
MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 200
MINIMUM_DIFFERENT = 5
# Shorter parts of a name ("Sri", "Ir.") stand in too many honest passphrases.
NAME_PART_LENGTH = 4


def check_password(password: str, *, email: str, name: str, field: str = "password") -> tuple[Problem, ...]:
    """Every reason to refuse ``password`` as this person's new one, for the form's ``field``; empty: it is good."""
    problems = []
    if len(password) < MINIMUM_LENGTH:
        problems.append(Problem("password.too_short", field, params={"minimum": MINIMUM_LENGTH}))
    if len(password) > MAXIMUM_LENGTH:
        problems.append(Problem("password.too_long", field, params={"maximum": MAXIMUM_LENGTH}))
    if len(set(password)) < MINIMUM_DIFFERENT and not problems:
        problems.append(Problem("password.too_uniform", field, params={"minimum": MINIMUM_DIFFERENT}))
    if _mentions(password, email, name):
        problems.append(Problem("password.names_person", field))
    return tuple(problems)


def _mentions(password: str, email: str, name: str) -> bool:
    parts = re.split(r"[\W_]+", f"{email.partition('@')[0]} {name}".lower())
    return any(len(part) >= NAME_PART_LENGTH and part in password.lower() for part in parts)
