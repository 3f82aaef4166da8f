import pytest

from spbe_tasks.rules.passwords import check_password

PERSON = {"email": "sri.wahyuni@ketapang.example", "name": "Ir. Sri Wahyuni"}


def codes(password: str) -> list[str]:
    return [problem.code for problem in check_password(password, **PERSON)]


@pytest.mark.parametrize("password", ["kuda besar lari", "x7!kQp29-zzt", "Ir. of the Sri Lanka"])
def test_long_enough_and_not_the_name_is_good_enough(password: str) -> None:
    assert codes(password) == []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("kuda besar", "password.too_short"),
        ("x" * 10 + "yz" * 96, "password.too_long"),
        ("aaaabbbbccccd", "password.too_uniform"),
        ("my wahyuni password", "password.names_person"),
        ("SRI-WAHYUNI-2025", "password.names_person"),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(password: str, code: str) -> None:
    assert codes(password) == [code]


def test_every_reason_is_told_at_once_for_the_field_asked_about() -> None:
    problems = check_password("wahyuni", **PERSON, field="new")
    assert [(each.code, each.field) for each in problems] == [
        ("password.too_short", "new"),
        ("password.names_person", "new"),
    ]
