"""Every known cause is named by a measure."""

from __future__ import annotations

from twinfeed.diff import CATALOGUE
from twinfeed.diff._vocabulary import VOCABULARY

COVERED = {tag for measure in CATALOGUE.values() for tag in measure.tags}


def test_measures_speak_the_vocabulary() -> None:
    assert not COVERED - set(VOCABULARY)
    assert all(measure.tags for measure in CATALOGUE.values())


def test_every_tag_is_covered() -> None:
    assert not set(VOCABULARY) - COVERED


def test_meanings_are_one_sentence_without_a_stop() -> None:
    for text in VOCABULARY.values():
        assert text == text.strip(" .")
        assert "\n" not in text


def test_a_prior_cost_carries_its_source() -> None:
    costs = [measure.prior_cost for measure in CATALOGUE.values() if measure.prior_cost]
    assert len(costs) >= 7
    assert all(
        any(str(year) in cost.partition(":")[0] for year in range(1990, 2030)) for cost in costs
    )
