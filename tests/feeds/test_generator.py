"""Functions that yield batches, and iterators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.feeds.makers import batches
from twinfeed.errors import BatchFormError, UnknownFeedTypeError, UsageError
from twinfeed.feeds import as_feed


def test_a_function_is_called_anew_for_each_epoch() -> None:
    calls: list[int] = []

    def make() -> Iterator[Any]:
        calls.append(len(calls))
        return batches()

    feed = as_feed(make)
    assert not calls
    assert sum(batch.size for _ in range(2) for batch in feed.open_epoch()) == 44
    assert calls == [0, 1]


def test_a_function_may_return_anything_that_can_be_iterated() -> None:
    assert len(list(as_feed(lambda: [np.zeros((2, 3))] * 3).open_epoch())) == 3


def test_a_list_at_the_top_is_x_and_y() -> None:
    batch = next(as_feed(lambda: iter([[np.zeros((2, 3)), [0, 1]]])).open_epoch())
    assert batch.y.tolist() == [0, 1]


def test_a_function_that_wants_arguments_is_refused() -> None:
    with pytest.raises(UsageError, match="which wants size"):
        as_feed(lambda size: iter([size]))


def test_a_function_that_returns_no_batches_is_named() -> None:
    with pytest.raises(UnknownFeedTypeError, match=r"builtins\.int"):
        next(as_feed(lambda: 3).open_epoch())


def test_a_batch_of_no_known_form_is_named() -> None:
    with pytest.raises(BatchFormError, match="a tuple of 4 parts"):
        next(as_feed(lambda: iter([(1, 2, 3, 4)])).open_epoch())


def test_an_iterator_is_used_up_when_told_so() -> None:
    iterator = batches()
    feed = as_feed(iterator, consume=True)
    assert feed.fresh is None
    assert "used up" in feed.notes[0]
    epoch = feed.open_epoch()
    next(epoch)
    epoch.close()  # leaves the user's iterator open
    assert len(list(feed.open_epoch())) == 5
    assert not list(feed.open_epoch())
    assert next(iterator, None) is None


def test_a_generator_that_is_half_read_keeps_its_random_state() -> None:
    def draw() -> Iterator[Any]:
        rng = np.random.default_rng(1)
        given.append(rng)
        while True:
            yield rng.random((2, 2))

    given: list[np.random.Generator] = []
    iterator = draw()
    next(iterator)
    state = given[0].bit_generator.state
    next(as_feed(iterator, consume=True).open_epoch())
    assert given[0].bit_generator.state == state


@pytest.mark.parametrize("made", [(np.zeros((4, 3)), np.zeros(4)), {"x": np.zeros(4)}, np.zeros(4)])
def test_a_function_that_returns_arrays_is_not_taken_for_batches(made: Any) -> None:
    with pytest.raises(UsageError, match="call it yourself"):
        next(as_feed(lambda: made).open_epoch())


class Loader:
    """A loader of someone's own around another one."""

    def __init__(self) -> None:
        self.epoch = 0

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Iterator[Any]:
        self.epoch += 1
        return iter([(np.full((3, 2), self.epoch), np.arange(3))] * 2)


def test_a_loader_of_ones_own_is_iterated_anew_for_each_epoch() -> None:
    loader = Loader()
    feed = as_feed(loader)
    epochs = [list(feed.open_epoch()) for _ in range(2)]
    assert [[int(batch.x[0, 0]) for batch in epoch] for epoch in epochs] == [[1, 1], [2, 2]]
    assert (feed.batches, feed.name, loader.epoch) == (2, "Loader", 0)
    assert feed.fresh is not None
    assert next(feed.fresh().open_epoch()).x[0, 0] == 1


def test_what_yields_single_examples_is_no_loader() -> None:
    data = pytest.importorskip("torch.utils.data")

    class Single(data.IterableDataset[Any]):
        def __iter__(self) -> Iterator[Any]:
            yield np.zeros((4, 4, 3)), 1

    for given in (Single(), {1, 2}, range(3)):
        with pytest.raises(UnknownFeedTypeError, match="each time it is iterated"):
            as_feed(given)
