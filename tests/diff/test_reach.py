"""A page says from how many examples on what is found, below which it asks, or what is enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.diff.conftest import traced
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._reach import Enough, Reach

HEADING = "## From what size"
EACH = {code: one.reach for code, one in CATALOGUE.items() if isinstance(one.reach, Reach)}


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_page_states_the_size_of_its_record(code: str) -> None:
    reach = CATALOGUE[code].reach
    page = " ".join((CATALOGUE[code].page or "").split())
    said = (
        reach.value
        if isinstance(reach, Enough)
        else (
            f"From {reach.examples:,} examples of each feed on, it is found in nine runs of ten whether"
            f" {reach.size}. Below that the answer is undecided and says how many it takes."
        )
    )
    assert f"{HEADING} {said} ## " in page


def pictures(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    return random.integers(0, 256, (count, 16, 16, 3)).astype(np.uint8), np.arange(count) % 3


def test_few_examples_that_change_leave_open_how() -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(pictures(12))
    flipped = data.map(lambda x, y: (tf.image.random_flip_left_right(x), y))
    found = compare(traced(data.batch(4)), traced(flipped.batch(4)))
    asked = {one.code: one for one in found.undecided}
    assert asked["AUG205"].needs == f"{EACH['AUG205'].examples:,} examples of each feed"
    assert "12 examples of each feed are too few" in asked["AUG205"].question


def test_enough_examples_leave_nothing_open() -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(pictures(60)).batch(8)
    assert not compare(traced(data), traced(data)).undecided


def test_draws_that_nothing_shows_are_not_said_to_repeat() -> None:
    tf = pytest.importorskip("tensorflow")
    bright = np.maximum(pictures(60)[0], 2)
    data = tf.data.Dataset.from_tensor_slices((bright, pictures(60)[1]))

    def contrast(top: float) -> Any:
        def change(x: Any, y: Any) -> Any:
            factor = tf.random.uniform((), 0.8, 1.2)
            return tf.clip_by_value(tf.cast(x, tf.float32) * factor, 0, top), y

        return traced(data.map(change).batch(8))

    found = compare(contrast(1), contrast(255), measures=[CATALOGUE["AUG203"]])
    assert not found.findings
