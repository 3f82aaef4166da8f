"""The shipped crosswalk speaks of every indicator on both sides, and a file that does not is refused."""

from importlib import resources

import pytest
from pydantic import ValidationError

from spbe_tasks.instruments import crosswalk_loader
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.rules.crosswalk import Crosswalk

SPBE, PEMDI = "permenpanrb-59-2020", "permenpanrb-8-2026"


@pytest.fixture
def crosswalk() -> Crosswalk:
    found = crosswalk_loader.find_crosswalk(SPBE, PEMDI)
    assert found is not None
    return found


def test_it_says_of_itself_that_no_ministry_published_it(crosswalk: Crosswalk) -> None:
    assert not crosswalk.is_official


def test_every_new_indicator_is_listed_and_every_old_one_is_followed_or_dropped(crosswalk: Crosswalk) -> None:
    assert set(crosswalk.followed) == {each.number for each in get_instrument(PEMDI).indicators}
    for indicator in get_instrument(SPBE).indicators:
        assert bool(crosswalk.targets_of(indicator.number)) != (indicator.number in crosswalk.dropped)


def test_both_directions_agree(crosswalk: Crosswalk) -> None:
    for new, sources in crosswalk.followed.items():
        assert all(new in crosswalk.targets_of(old) for old in sources)
    assert crosswalk.sources_of(1) == (1, 2, 11, 12, 13)
    assert crosswalk.targets_of(45) == (17,)
    assert crosswalk.targets_of(24) == ()
    assert crosswalk.sources_of(6) == ()


def test_there_is_none_in_the_other_direction() -> None:
    assert crosswalk_loader.find_crosswalk(PEMDI, SPBE) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("  20: []", "  20: []\n  21: [1]"), "too many \\[21\\]"),
        (("  20: []", ""), "missing \\[20\\]"),
        (("unmapped_old: [24, 44]", "unmapped_old: [24]"), "missing \\[44\\]"),
        (("  19: [42]", "  19: [42, 24]"), "too many \\[24\\]"),
        (("  19: [42]", "  19: [42, 48]"), "too many \\[48\\]"),
    ],
)
def test_a_crosswalk_that_leaves_something_out_or_names_what_is_not_there_is_refused(
    change: tuple[str, str], named: str
) -> None:
    text = _shipped_text()
    assert change[0] in text
    with pytest.raises(ValueError, match=named):
        crosswalk_loader.load(text.replace(*change).encode())


def _shipped_text() -> str:
    folder = resources.files("spbe_tasks.instruments.crosswalks")
    return folder.joinpath("59-2020-to-8-2026.yaml").read_text()


def test_a_misspelt_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        crosswalk_loader.load(_shipped_text().replace("status:", "state:").encode())
