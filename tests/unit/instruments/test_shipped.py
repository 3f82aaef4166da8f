"""The two shipped instruments: what the regulations fix, and that the criteria are complete."""

from decimal import Decimal

import pytest

from spbe_tasks.instruments.loader import get_instrument, list_instruments
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.instrument import ExternalUse, InstrumentStatus, NotAssessedPolicy

SPBE = get_instrument("permenpanrb-59-2020")
PEMDI = get_instrument("permenpanrb-8-2026")


def test_both_instruments_are_listed_oldest_first():
    assert [instrument.id for instrument in list_instruments()] == [SPBE.id, PEMDI.id]


def test_instrument_is_read_once():
    assert get_instrument(SPBE.id) is SPBE


def test_unknown_instrument_names_the_known_ones():
    with pytest.raises(NotFoundError) as caught:
        get_instrument("permenpanrb-5-2018")
    assert SPBE.id in str(caught.value.params["known"])


def test_path_is_no_instrument_id():
    with pytest.raises(NotFoundError):
        get_instrument("../instruments/permenpanrb-59-2020")


def test_spbe_has_47_indicators_with_five_levels_of_lettered_criteria():
    assert [indicator.number for indicator in SPBE.indicators] == list(range(1, 48))
    for indicator in SPBE.indicators:
        assert [step.level for step in indicator.levels] == [1, 2, 3, 4, 5]
        for step in indicator.levels:
            assert [criterion.letter for criterion in step.criteria] == list("abcdefg"[: len(step.criteria)])
            assert step.criteria, f"indicator {indicator.number} has no criterion for level {step.level}"


def test_every_criterion_is_a_sentence_in_both_languages_with_its_evidence():
    for indicator in SPBE.indicators:
        for step in indicator.levels:
            for criterion in step.criteria:
                for text in (criterion.text_id, criterion.text_en, criterion.evidence_id):
                    assert text.endswith("."), (indicator.number, step.level, text)
                    assert text[0].isupper(), (indicator.number, step.level, text)
                assert "terpenuhi;" not in criterion.text_id
                assert "met;" not in criterion.text_en


def test_criteria_of_a_level_differ_from_one_another():
    for indicator in SPBE.indicators:
        texts = [criterion.text_id for step in indicator.levels for criterion in step.criteria]
        assert len(set(texts)) == len(texts), indicator.number


def test_spbe_domain_weights_are_those_of_the_regulation():
    assert [domain.weight for domain in SPBE.domains] == [Decimal(w) for w in ("13", "25", "16.5", "45.5")]
    assert [aspect.weight for aspect in SPBE.aspects] == [
        Decimal(w) for w in ("13", "10", "10", "5", "12", "4.5", "27.5", "18")
    ]


def test_spbe_rules_are_data():
    assert SPBE.status is InstrumentStatus.REVOKED
    assert str(SPBE.revoked_on) == "2026-06-05"
    assert SPBE.not_assessed is NotAssessedPolicy.COUNTS_AS_ZERO
    assert SPBE.not_assessed_tokens == ("", "-", "TN")
    assert SPBE.review_age_limit_months == 24
    assert SPBE.upkeep_months == {5: 12}
    (prerequisite,) = SPBE.prerequisites
    assert prerequisite.indicators == frozenset(range(21, 32))
    assert (prerequisite.level, prerequisite.needs_indicator, prerequisite.needs_level) == (2, 12, 2)


def test_pemdi_is_provisional_and_has_no_criteria():
    assert [indicator.number for indicator in PEMDI.indicators] == list(range(1, 21))
    assert PEMDI.is_provisional
    assert not any(indicator.has_criteria for indicator in PEMDI.indicators)
    assert PEMDI.indicator(1).step(1).name_id == "Merintis"
    assert PEMDI.not_assessed is NotAssessedPolicy.REFUSED
    assert PEMDI.printed_tolerance == Decimal("0.01")
    assert [domain.is_synthetic for domain in PEMDI.domains] == [True]


def test_pemdi_says_which_indicators_other_national_indexes_decide():
    decided = [i.number for i in PEMDI.indicators if i.external_use is ExternalUse.VALUE]
    helped = [i.number for i in PEMDI.indicators if i.external_use is ExternalUse.EVIDENCE]
    assert decided == [5, 6, 7, 18]
    assert helped == [10, 11, 12]
    assert PEMDI.indicator(5).external_source == "Indeks Satu Data Indonesia (Bappenas)"
