"""Windows of one long text with the words that follow: from one place on, or from a drawn one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from twinfeed import as_feed
from twinfeed.diff import compare
from twinfeed.observe import Budget, observe

WORDS = np.random.default_rng(0).integers(1, 3000, 9000)
LONG, SIZE = 30, 32


class Windows:
    """Windows side by side, in a drawn order: always from one word on, or from one that is drawn."""

    def __init__(self, first: int | None, seed: int) -> None:
        self.first, self.random = first, np.random.default_rng(seed)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        first = self.random.integers(LONG) if self.first is None else self.first
        starts = first + LONG * self.random.permutation(len(WORDS) // LONG - 2)
        for batch in np.split(starts[: len(starts) // SIZE * SIZE], len(starts) // SIZE):
            at = batch[:, None] + np.arange(LONG)
            yield WORDS[at], WORDS[at + 1]


def found(left: int | None, right: int | None, seed: int) -> dict[str, str]:
    feeds = Windows(left, seed), Windows(right, seed + 50)
    sides = [observe(as_feed(one), budget=Budget(timing_s=0)) for one in feeds]
    return {one.code: one.sentence for one in compare(*sides).findings}


@pytest.mark.parametrize("seed", range(3))
def test_windows_from_a_drawn_word_on_are_others_in_each_epoch(seed: int) -> None:
    said = found(0, None, seed)
    assert next(iter(said)) == "BAT212"
    assert said["BAT212"].startswith("B's second epoch holds others than its first one, or ")
    assert "LBL205" not in said


@pytest.mark.parametrize("seed", range(3))
def test_words_that_follow_another_window_are_no_other_labels(seed: int) -> None:
    assert "LBL205" not in found(0, 7, seed)


@pytest.mark.parametrize("first", [0, None])
def test_windows_that_are_made_alike_have_no_difference(first: int | None) -> None:
    assert not found(first, first, 1).keys() - {"ORD205"}
