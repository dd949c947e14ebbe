"""Sentences of which words are dropped at random: once, or anew in each epoch."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import Draw, seen
from twinfeed._core.trace import Trace
from twinfeed.diff import compare

COUNT, WORDS = 200, 40
SENTENCES = np.random.default_rng(0).integers(1, 700, (COUNT, WORDS))


def dropped(seed: int, share: float = 0.12) -> Draw:
    """Words replaced by 0, by draws that leave the order of the sentences alone."""
    random = np.random.default_rng(seed)
    return lambda x, _: np.where(random.random(x.shape) < share, 0, x)


def read(x: np.ndarray, draw: Draw | None = None, seed: int = 1) -> Trace:
    return seen(x, np.arange(COUNT) % 3, seed=seed, draw=draw)


@pytest.mark.parametrize("seed", range(3))
def test_words_dropped_once_are_told_from_words_dropped_anew(seed: int) -> None:
    once = dropped(seed)(SENTENCES, np.random.default_rng(0))
    report = compare(read(once), read(SENTENCES, dropped(seed + 10), seed=2))
    assert report.findings[0].code == "AUG201"
    assert report.findings[0].evidence["augmented_side"] == "B"
    seen_twice = report.findings[0].evidence["examples_seen_twice"]
    assert isinstance(seen_twice, int)
    assert seen_twice >= 0.9 * COUNT


@pytest.mark.parametrize("seed", range(3))
def test_two_draws_of_one_policy_have_no_difference(seed: int) -> None:
    sides = [read(SENTENCES, dropped(seed + more), seed=seed + more) for more in (0, 50)]
    assert not {one.code for one in compare(*sides).findings} - {"ORD205"}
