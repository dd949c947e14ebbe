"""Where each step is written: noted while a pipeline is built, without changing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from twinfeed import as_feed
from twinfeed.observe._arming import places_noted


@pytest.fixture
def watched(tf: Any) -> Iterator[None]:
    with places_noted():
        yield


def lines(dataset: Any) -> dict[str, int | None]:
    """The line of each step below the first line of this test's ``dataset = ``, by name."""
    plan = as_feed(dataset).plan
    assert plan is not None
    return {
        step.where.partition(",")[0]: step.place.line if step.place else None for step in plan.steps
    }


def test_a_chain_over_several_lines(tf: Any, watched: None) -> None:
    here = first_line()
    dataset = (
        tf.data.Dataset.range(10)
        .map(
            lambda x: x + 1,
        )
        .shuffle(10).batch(3)
    )  # fmt: skip
    dataset = dataset.prefetch(2)
    assert lines(dataset) == {
        "range": here + 2,
        "map": here + 3,
        "shuffle": here + 6,
        "batch": here + 6,
        "prefetch": here + 8,
    }
    plan = as_feed(dataset).plan
    assert plan is not None
    ends = [(s.place.end_line, s.place.end_column) for s in plan.steps if s.place]
    assert ends[1:4] == [(here + 5, 9), (here + 6, 20), (here + 6, 29)]
    files = [s.place.file for s in plan.steps if s.place]
    assert all(file.endswith("tests/graph/test_places.py") for file in files)


@pytest.mark.parametrize("reads", [None, 2])
def test_one_call_may_be_several_steps(tf: Any, watched: None, reads: int | None) -> None:
    here = first_line()
    dataset = tf.data.TFRecordDataset(["a", "b"], num_parallel_reads=reads).batch(2)
    assert set(lines(dataset).values()) == {here + 1}


def test_branches_keep_their_own_lines(tf: Any, watched: None) -> None:
    here = first_line()
    a = tf.data.Dataset.range(4).shuffle(4)
    b = tf.data.Dataset.range(4).repeat()
    dataset = tf.data.Dataset.zip((a, b))
    found = lines(dataset.batch(2))
    assert found["shuffle"] == here + 1
    assert found["zip"] == here + 3


def test_generators_and_unbatch(tf: Any, watched: None) -> None:
    here = first_line()
    spec = tf.TensorSpec((2,), tf.int32)
    dataset = tf.data.Dataset.from_generator(lambda: iter([[1, 2]]), output_signature=spec)
    dataset = dataset.unbatch()
    dataset = dataset.enumerate().batch(2)
    assert lines(dataset) == {
        "from_generator": here + 2,
        "unbatch": here + 3,
        "zip": here + 4,
        "batch": here + 4,
    }


def test_what_was_built_unwatched_has_no_place(tf: Any) -> None:
    dataset = tf.data.Dataset.range(3).batch(2)
    with places_noted():
        later = dataset.prefetch(1)
    found = lines(later)
    assert found["range"] is None
    assert found["prefetch"] is not None


def test_watching_changes_nothing_and_ends(tf: Any) -> None:
    base = tf.data.Dataset
    before = base.__init__

    def build() -> list[int]:
        dataset = base.range(20).shuffle(20, seed=3).map(lambda x: x * 2)
        assert "place" not in " ".join(vars(dataset))
        return [int(x) for x in dataset]

    plain = build()
    with places_noted(), places_noted():
        assert base.__init__ is not before
        assert base.__init__.__wrapped__ is before
        seen = build()
    assert seen == plain
    assert base.__init__ is before


def first_line() -> int:
    """The line of the call."""
    import inspect

    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno
