"""Names of the files in the ministry's upload."""

from itertools import islice, permutations

from hypothesis import given
from hypothesis import strategies as st

from spbe_tasks.rules.package import LONGEST_TITLE, Use, letter_series, name_documents, safe_title


def use(
    level: int, letter: str, document: int, title: str, *, indicator: int = 20, ending: str | None = "pdf"
) -> Use:
    return Use(indicator, level, letter, document, title, ending)


COLLABORATION = (
    use(2, "a", 7, "Rencana Kolaborasi"),
    use(2, "b", 3, "Dokumentasi kegiatan"),
    use(3, "a", 9, "SK Tim"),
    use(3, "b", 7, "Rencana Kolaborasi"),
    use(4, "a", 5, "Siaran", ending=None),
)


def test_files_are_called_as_the_guideline_shows() -> None:
    named = name_documents(COLLABORATION)
    assert [(each.file_name, each.criteria) for each in named] == [
        ("20.a.Rencana_Kolaborasi.pdf", ((2, "a"), (3, "b"))),
        ("20.b.Dokumentasi_kegiatan.pdf", ((2, "b"),)),
        ("20.c.SK_Tim.pdf", ((3, "a"),)),
        (None, ((4, "a"),)),
    ]


def test_the_order_of_input_does_not_matter() -> None:
    expected = name_documents(COLLABORATION)
    assert all(name_documents(each) == expected for each in permutations(COLLABORATION))


def test_a_document_of_two_indicators_is_in_the_package_of_each() -> None:
    both = [use(2, "a", 7, "Peta", indicator=number) for number in (21, 3)]
    assert [each.file_name for each in name_documents(both)] == ["3.a.Peta.pdf", "21.a.Peta.pdf"]


def test_letters_go_on_after_z() -> None:
    letters = list(islice(letter_series(), 26 + 26 * 26 + 1))
    assert (letters[0], letters[25], letters[26], letters[27], letters[-2], letters[-1]) == (
        "a",
        "z",
        "aa",
        "ab",
        "zz",
        "aaa",
    )
    assert len(set(letters)) == len(letters)


@given(st.text(max_size=300))
def test_a_title_never_leaves_its_folder_nor_its_length(title: str) -> None:
    safe = safe_title(title)
    assert 0 < len(safe) <= LONGEST_TITLE
    assert safe.replace("_", "").isalnum()
    assert safe.isascii()
