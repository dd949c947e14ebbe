"""Sentences as numbers of words are the same ones, cut, padded or numbered otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.diff.seen import findings, seen
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed.diff import compare
from twinfeed.diff._pairing._by_words import same_counts, same_runs
from twinfeed.diff._twins import Twins
from twinfeed.observe import Budget, observe

WORDS = 800


def sentences(count: int = 200, seed: int = 0, longest: int = 60) -> list[np.ndarray]:
    """Numbers from 1 on, a few of which are in nearly every sentence."""
    random = np.random.default_rng(seed)
    lengths = random.integers(5, longest, count)
    return [np.minimum(random.zipf(1.3, length), WORDS) for length in lengths]


def padded(made: list[np.ndarray], length: int, *, cut_end: bool = False) -> np.ndarray:
    """Filled with 0 at the beginning, and cut there or at the end."""
    table = np.zeros((len(made), length), np.int32)
    for row, numbers in zip(table, made, strict=True):
        kept = numbers[:length] if cut_end else numbers[-length:]
        row[-len(kept) :] = kept
    return table


MADE = sentences()
LABELS = np.random.default_rng(5).integers(0, 4, len(MADE))


def found_between(left: np.ndarray, right: np.ndarray) -> dict[str, str]:
    named = findings(seen(left, LABELS, seed=1), seen(right, LABELS, seed=2))
    return {code: finding.sentence for code, finding in named.items()}


def test_numbers_that_begin_elsewhere_are_a_shift_and_no_curve() -> None:
    shifted = [numbers + 3 for numbers in MADE]
    found = found_between(padded(MADE, 60), padded(shifted, 60))
    assert set(found) == {"VAL202"}
    assert "plus 3, but for 0" in found["VAL202"]


def test_rare_words_that_became_one_are_told() -> None:
    few = [np.where(numbers < 50, numbers, 2) for numbers in MADE]
    found = found_between(padded(MADE, 60), padded(few, 60))
    assert "are all 2 in B" in found["VAL206"]
    assert "VAL202" not in found


def test_another_vocabulary_is_told() -> None:
    other = np.r_[0, 1 + np.random.default_rng(1).permutation(WORDS)]
    found = found_between(padded(MADE, 60), padded([other[numbers] for numbers in MADE], 60))
    assert set(found) == {"VAL206"}
    assert "numbers of A are others in B" in found["VAL206"]


def test_sentences_cut_at_either_end_are_the_same_ones() -> None:
    left, right = padded(MADE, 30), padded(MADE, 30, cut_end=True)
    twins = Twins(seen(left, LABELS, seed=1), seen(right, LABELS, seed=2))
    rows = [
        twins.left.rows.label_key[twins.pairs.left],
        twins.right.rows.label_key[twins.pairs.right],
    ]
    assert len(twins.pairs) > 0.6 * len(MADE)
    assert (rows[0] == rows[1]).mean() > 0.98
    assert set(found_between(left, right)) == {"VAL206"}


@pytest.mark.parametrize("fixed", [60, 30])
def test_sentences_filled_to_another_length_are_the_same_ones(fixed: int) -> None:
    def batches(length: int | None) -> Feed:
        def epoch() -> Iterator[Batch]:
            for at in np.array_split(np.random.default_rng(length or 0).permutation(len(MADE)), 10):
                longest = max(len(MADE[row]) for row in at)
                table = padded([MADE[row][::-1] for row in at], length or longest)
                yield Batch(table[:, ::-1], LABELS[at] if length else np.minimum(LABELS[at], 2))

        return Feed(name="sentences", open_epoch=epoch)

    sides = [observe(batches(length), budget=Budget(timing_s=0)) for length in (None, fixed)]
    found = {one.code for one in compare(*sides).findings}
    assert {"GEO205", "LBL205"} <= found <= {"GEO205", "LBL205", "ORD205"}


def test_another_filler_of_batches_of_many_lengths_is_told() -> None:
    def filled(value: int) -> Feed:
        def epoch() -> Iterator[Batch]:
            for at in np.array_split(np.arange(len(MADE)), 10):
                table = padded([MADE[row][::-1] for row in at], max(len(MADE[row]) for row in at))
                yield Batch(np.where(table, table, value)[:, ::-1], LABELS[at])

        return Feed(name="sentences", open_epoch=epoch)

    sides = [observe(filled(value), budget=Budget(timing_s=0)) for value in (0, 1)]
    found = {one.code: one.sentence for one in compare(*sides).findings}
    assert "0 of A is 1 in B" in found["VAL206"]


@pytest.mark.parametrize("seed", range(4))
def test_other_sentences_of_the_same_words_are_strangers(seed: int) -> None:
    left, right = (list(padded(sentences(seed=s), 60)) for s in (seed, seed + 100))
    assert same_counts(left, right) is None
    assert len(same_runs(left, right)[0]) <= 1


def test_quantities_that_are_whole_numbers_keep_their_line() -> None:
    table = np.random.default_rng(0).integers(1, 1000, (200, 6)).astype(np.float32)
    found = findings(seen(table, LABELS, seed=1), seen(table * 2, LABELS, seed=2))
    assert set(found) == {"VAL202"}
    assert found["VAL202"].evidence["factor_0"] == pytest.approx(2)


def test_another_filler_is_told_as_one_number() -> None:
    left = padded(MADE, 60)
    found = found_between(left, np.where(left == 0, -1, left))
    assert set(found) == {"VAL206"}
    assert "0 of A is -1 in B" in found["VAL206"]
