"""Seconds per epoch: where two graphs differ in a step, B's is rewritten and timed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from twinfeed.attribute._speed import combined, timed
from twinfeed.diff import compare
from twinfeed.feeds import as_feed
from twinfeed.graph.editing import open_chain
from twinfeed.observe.budget import Budget
from twinfeed.observe.read import observe

tf = pytest.importorskip("tensorflow")


def source() -> Any:
    images = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3)).astype(np.float32)
    return tf.data.Dataset.from_tensor_slices((images, np.arange(64) % 4))


def work(x: Any, y: Any) -> Any:
    for _ in range(5):
        x = tf.linalg.matmul(x, x, transpose_b=True) / 1e6 + x[..., :1]
    return x[..., :3], y


def plain() -> Any:
    return source().shuffle(64).map(work).batch(16)


def tuned() -> Any:
    mapped = source().map(work, num_parallel_calls=tf.data.AUTOTUNE)
    return mapped.cache().shuffle(64).batch(16).prefetch(tf.data.AUTOTUNE)


@pytest.mark.slow
@pytest.mark.parametrize(("make_a", "make_b"), [(plain, tuned), (tuned, plain)], ids=["B has", "A"])
def test_each_step_on_one_side_is_a_cause_that_is_taken_away(
    make_a: Callable[[], Any], make_b: Callable[[], Any]
) -> None:
    budget = Budget(timing_s=0.2)
    feeds = [as_feed(make()) for make in (make_a, make_b)]
    report = compare(*(observe(feed, budget=budget, name="") for feed in feeds))
    found = timed(*feeds, make_b(), report.findings, seconds=60.0, say=lambda _text: None)
    assert found is not None
    proven = {one.codes[0] for one in found.shares if one.proof == "proven"}
    assert {"PIP201", "PIP202", "PIP203"} <= proven
    assert len(found.arms) == 1 << len(proven)
    assert all(one.share is not None for one in found.shares if one.proof == "proven")


def test_a_shuffle_of_finished_examples_is_put_where_the_other_side_has_it() -> None:
    from twinfeed._core.finding import Finding, Severity, Strength

    finding = Finding(
        code="PIP205", name="misplaced-shuffle", tags=(), severity=Severity.NOTE,
        strength=Strength.READ, sentence="", evidence={"side": "B"},
    )  # fmt: skip
    late = source().map(work).shuffle(64).batch(16)
    found = timed(
        as_feed(plain()), as_feed(late), late, [finding], seconds=60.0, say=lambda _text: None
    )
    assert found is not None
    assert [(one.title, one.proof) for one in found.shares] == [("place of the shuffle", "proven")]
    assert not isinstance(open_chain(late), str)


def test_as_many_causes_are_combined_as_fit_into_the_time() -> None:
    assert combined(1.0, 1.0, seconds=10.0) == 0
    assert combined(0.1, 0.5, seconds=10.0) == 2
    assert combined(1.0, 0.05, seconds=10.0) == 4
    assert combined(20.0, 20.0, seconds=10.0) == 0
