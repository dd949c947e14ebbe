"""Files are shuffled, and what they hold passes a short buffer."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.handmade import COUNT, Order, codes, feed, reshuffled, seen
from twinfeed.diff import compare
from twinfeed.diff._measures.order import MEASURES
from twinfeed.stats.sequence import kept_nearby


def files_through_a_buffer(size: int, held: int, seed: int = 0, *, once: bool = False) -> Order:
    """Files of so many examples in an order drawn anew or once, mixed by a buffer of so many."""

    def order(epoch: int) -> np.ndarray:
        random = np.random.default_rng((seed, epoch))
        of_files = np.random.default_rng(seed) if once else random
        files = of_files.permutation(np.arange(COUNT).reshape(-1, size)).reshape(-1).tolist()
        buffer, out = files[:held], []
        for row in files[held:]:
            at = int(random.integers(held))
            out.append(buffer[at])
            buffer[at] = row
        return np.array([*out, *random.permutation(buffer)])

    return order


@pytest.mark.parametrize("seed", range(5))
def test_examples_of_one_file_stay_together(seed: int) -> None:
    made = feed(files_through_a_buffer(25, 20, seed))
    assert "ORD202" in codes(made, feed(reshuffled(seed)), MEASURES)


@pytest.mark.parametrize("seed", range(5))
def test_files_that_keep_their_places_are_told_from_files_that_are_shuffled(seed: int) -> None:
    kept, drawn = (feed(files_through_a_buffer(25, 30, seed, once=one)) for one in (True, False))
    (found,) = [one for one in compare(seen(kept), seen(drawn)).findings if one.code == "ORD202"]
    assert found.evidence["side"] == "A"
    assert " places from epoch to epoch" in found.sentence
    assert ", in groups" in found.sentence


@pytest.mark.parametrize("seed", range(10))
def test_two_draws_of_one_such_feed_have_no_difference(seed: int) -> None:
    for once in (False, True):
        for size, held in ((25, 20), (25, 60), (10, 20)):
            orders = (
                files_through_a_buffer(size, held, seed + more, once=once) for more in (0, 100)
            )
            assert codes(*map(feed, orders), MEASURES) <= {"ORD205"}


def test_what_is_mixed_stays_together_by_chance_only() -> None:
    drawn = [np.random.default_rng(seed) for seed in range(200)]
    found = [kept_nearby(random.permutation(300), random.permutation(300)).z for random in drawn]
    assert np.abs(found).max() < 5
