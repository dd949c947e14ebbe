"""A measure that rests on counts says from how many examples on it finds what, and asks below."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.conftest import traced
from twinfeed.diff import CATALOGUE, compare

HEADING = "## From what size"
EACH = {code: measure for code, measure in CATALOGUE.items() if measure.reach}


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_page_states_the_size_of_its_record(code: str) -> None:
    measure = CATALOGUE[code]
    page = " ".join((measure.page or "").split())
    if measure.reach is None:
        assert HEADING not in page
        return
    said = f"From {measure.reach.examples:,} examples of each feed on, it is found in nine runs"
    assert f"{HEADING} {said} of ten whether {measure.reach.size}." in page


def pictures(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    return random.integers(0, 256, (count, 16, 16, 3)).astype(np.uint8), np.arange(count) % 3


def test_few_examples_that_change_leave_open_how() -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(pictures(12))
    flipped = data.map(lambda x, y: (tf.image.random_flip_left_right(x), y))
    found = compare(traced(data.batch(4)), traced(flipped.batch(4)))
    asked = {one.code: one for one in found.undecided}
    assert asked["AUG205"].needs == f"{EACH['AUG205'].reach.examples:,} examples of each feed"  # pyright: ignore[reportOptionalMemberAccess]
    assert "12 examples of each feed are too few" in asked["AUG205"].question


def test_enough_examples_leave_nothing_open() -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(pictures(60)).batch(8)
    assert not compare(traced(data), traced(data)).undecided
