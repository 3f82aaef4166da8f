from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.readers.corrections import Corrections, correct, rows_by_number, unknown_rows
from spbe_tasks.readers.document import Document, Format, Place, Row

SPBE = get_instrument("permenpanrb-59-2020")


def document(*rows: tuple[str, str]) -> Document:
    return Document(
        Format.XLSX,
        tuple(Row(number, level, Place(sheet="Nilai", row=at)) for at, (number, level) in enumerate(rows, 2)),
    )


def levels(of: Document) -> list[tuple[str, str]]:
    return [(row.number, row.level) for row in of.rows]


def test_without_corrections_the_document_stays_as_it_was_read() -> None:
    read = document(("1", "2"), ("Indikator 2", "x"), ("Jumlah", "9"))
    assert correct(read, SPBE, Corrections()) == read


def test_a_typed_level_keeps_the_place_of_the_row_it_stands_in_for() -> None:
    read = document(("1", "2"), ("2", "9"))
    corrected = correct(read, SPBE, Corrections({2: "4"}))
    assert levels(corrected) == [("1", "2"), ("2", "4")]
    assert corrected.rows[1].place == Place(sheet="Nilai", row=3)


def test_a_typed_level_settles_which_of_two_rows_counts() -> None:
    read = document(("1", "2"), ("2", "1"), ("1", "3"))
    assert levels(correct(read, SPBE, Corrections({1: "5"}))) == [("1", "5"), ("2", "1")]


def test_a_level_typed_for_a_missing_indicator_makes_its_row() -> None:
    assert levels(correct(document(("1", "2")), SPBE, Corrections({3: "4", 2: "1"}))) == [
        ("1", "2"),
        ("3", "4"),
        ("2", "1"),
    ]


def test_a_level_typed_for_another_instruments_number_is_ignored() -> None:
    assert levels(correct(document(("1", "2")), SPBE, Corrections({99: "4"}))) == [("1", "2")]


def test_rows_of_no_indicator_are_left_out_only_when_told() -> None:
    read = document(("1", "2"), ("Jumlah", "2"), ("99", "1"))
    assert [row.number for row in unknown_rows(read, SPBE)] == ["Jumlah", "99"]
    assert levels(correct(read, SPBE, Corrections(leaves_out_unknown=True))) == [("1", "2")]
    assert len(correct(read, SPBE, Corrections()).rows) == 3


def test_rows_are_found_by_their_number_however_it_is_written() -> None:
    read = document(("1.", "2"), ("Indikator 1", "3"), ("2", "4"))
    assert {number: len(rows) for number, rows in rows_by_number(read, SPBE).items()} == {1: 2, 2: 1}
