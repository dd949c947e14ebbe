"""Every known cause is named by a measure, or said to be out of sight, with the reason."""

from __future__ import annotations

from twinfeed.diff import CATALOGUE
from twinfeed.diff._vocabulary import OUT_OF_SIGHT, VOCABULARY

COVERED = {tag for measure in CATALOGUE.values() for tag in measure.tags}


def test_measures_speak_the_vocabulary() -> None:
    assert not COVERED - set(VOCABULARY)
    assert all(measure.tags for measure in CATALOGUE.values())


def test_every_tag_is_covered_or_out_of_sight() -> None:
    assert not set(VOCABULARY) - COVERED - set(OUT_OF_SIGHT), "neither covered nor explained"
    assert not COVERED & set(OUT_OF_SIGHT), "covered, and yet listed as out of sight"
    assert not set(OUT_OF_SIGHT) - set(VOCABULARY), "no such tag"


def test_meanings_and_reasons_are_one_sentence_without_a_stop() -> None:
    for text in (*VOCABULARY.values(), *OUT_OF_SIGHT.values()):
        assert text == text.strip(" .")
        assert "\n" not in text
