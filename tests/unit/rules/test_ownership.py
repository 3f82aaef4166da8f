from fractions import Fraction

import pytest

from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.ownership import Part, among, match_agency, parse_share, part_problems, tidy

AGENCIES = (
    (1, "Diskominfo", "Dinas Komunikasi dan Informatika"),
    (2, "Bagian Hukum", "Bagian Hukum Sekretariat Daerah"),
    (3, "BKPSDM", "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia"),
    (4, "Bappeda", "Badan Perencanaan Pembangunan Daerah"),
    (5, "Setda", "Sekretariat Daerah"),
)


@pytest.mark.parametrize(
    ("typed", "share"),
    [
        ("1/3", Fraction(1, 3)),
        (" 2 / 6 ", Fraction(1, 3)),
        ("50 %", Fraction(1, 2)),
        ("33,3%", Fraction(333, 1000)),
        ("0,25", Fraction(1, 4)),
        ("0.25", Fraction(1, 4)),
        ("1", Fraction(1)),
        ("0", Fraction(0)),
        ("", None),
        ("   ", None),
    ],
)
def test_a_share_is_read_exactly_as_it_is_typed(typed: str, share: Fraction | None) -> None:
    assert parse_share(typed) == share


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("half", "ownership.share_unreadable"),
        ("1/0", "ownership.share_unreadable"),
        ("-1/2", "ownership.share_unreadable"),
        ("1/2/3", "ownership.share_unreadable"),
        ("1e3", "ownership.share_unreadable"),
        ("50", "ownership.share_off_scale"),
        ("3/2", "ownership.share_off_scale"),
        ("101 %", "ownership.share_off_scale"),
        ("0,3333333", "ownership.share_too_fine"),
        ("1/1000001", "ownership.share_too_fine"),
    ],
)
def test_what_is_no_share_is_refused_with_what_was_typed(typed: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_share(typed)
    assert [(each.code, each.value) for each in caught.value.problems] == [(code, typed)]


def test_shares_are_given_to_all_or_to_none_and_are_one_together() -> None:
    whole = {1: Part(is_lead=True, share=Fraction(1, 3)), 2: Part(is_lead=False, share=Fraction(2, 3))}
    assert list(part_problems(5, whole)) == []
    assert list(part_problems(5, {})) == []
    assert list(part_problems(5, {1: Part(is_lead=True), 2: Part(is_lead=False)})) == []
    short = {1: Part(is_lead=True, share=Fraction(1, 3)), 2: Part(is_lead=False, share=Fraction(1, 3))}
    assert [(each.code, each.value) for each in part_problems(5, short)] == [
        ("ownership.shares_not_one", "2/3")
    ]
    half = {1: Part(is_lead=True, share=Fraction(1)), 2: Part(is_lead=False)}
    assert [each.code for each in part_problems(5, half)] == ["ownership.share_missing"]


def test_equal_shares_are_no_shares() -> None:
    given = {each: Part(is_lead=each == 1, share=Fraction(1, 3)) for each in (1, 2, 3)}
    assert tidy(given) == {each: Part(is_lead=each == 1) for each in (1, 2, 3)}


def test_those_who_are_left_share_in_the_same_proportions() -> None:
    assert among({1: Fraction(1, 2), 2: Fraction(1, 4)}) == {1: Fraction(2, 3), 2: Fraction(1, 3)}
    assert among({1: None, 2: None}) == {1: None, 2: None}
    assert among({1: Fraction(0)}) == {1: None}
    assert among({}) == {}


@pytest.mark.parametrize(
    ("usual", "agency_id"),
    [
        ("Diskominfo", 1),
        ("diskominfo (walidata)", 1),
        ("Dinas Komunikasi dan Informatika", 1),
        ("Bagian Hukum", 2),
        ("Sekretariat Daerah", 5),
        ("Kepegawaian", 3),
        ("Badan", None),
        ("Dinas Kesehatan", None),
        ("", None),
        ("(walidata)", None),
    ],
)
def test_a_usual_name_means_one_agency_or_none(usual: str, agency_id: int | None) -> None:
    assert match_agency(usual, AGENCIES) == agency_id
