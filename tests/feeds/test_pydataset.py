"""PyDataset: read as fit reads it, with nothing left behind on the user's object."""
# ruff: noqa: NPY002, TID251 - NumPy's global state is what a reader must not move

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from tests.feeds.makers import EXAMPLES, X, Y, py_dataset
from twinfeed.feeds import _private_copy, as_feed

keras = pytest.importorskip("keras")


class Counting(keras.utils.PyDataset):
    """Counts its epochs and remembers what it was asked for."""

    def __init__(self, count: int | None = 3) -> None:
        super().__init__()
        self.count = count
        self.begun = 0
        self.ended = 0
        self.asked: list[int] = []

    @property
    def num_batches(self) -> int | None:
        return self.count

    def __getitem__(self, index: int) -> Any:
        self.asked.append(index)
        return [np.full((2, 3), index), np.full(2, self.begun)]

    def on_epoch_begin(self) -> None:
        self.begun += 1

    def on_epoch_end(self) -> None:
        self.ended += 1


class NotCopied(Counting):
    """Refuses to be copied."""

    def __copy__(self) -> NotCopied:
        message = "no copies"
        raise TypeError(message)


@pytest.mark.parametrize("kind", [Counting, NotCopied])
def test_epochs_begin_and_end_and_nothing_is_left_on_the_object(kind: type[Counting]) -> None:
    dataset = kind()
    before = dict(vars(dataset))
    feed = as_feed(dataset)
    epochs = [[(batch.x[0, 0], batch.y[0]) for batch in feed.open_epoch()] for _ in range(2)]
    assert epochs == [[(0, 1), (1, 1), (2, 1)], [(0, 2), (1, 2), (2, 2)]]
    assert (dataset.begun, dataset.ended) == (0, 0)
    assert vars(dataset) == before
    assert bool(feed.notes) is (kind is NotCopied)


def test_an_epoch_left_early_is_ended_before_the_next() -> None:
    feed = as_feed(Counting())
    next(feed.open_epoch())
    assert [batch.y[0] for batch in feed.open_epoch()] == [2, 2, 2]


def test_a_list_is_x_and_y() -> None:
    batch = next(as_feed(Counting()).open_epoch())
    assert batch.y is not None


def test_without_a_number_of_batches_it_is_infinite() -> None:
    feed = as_feed(Counting(None))
    assert (feed.infinite, feed.batches) == (True, None)
    assert [batch.x[0, 0] for batch in islice(feed.open_epoch(), 5)] == [0, 1, 2, 3, 4]


def test_order_is_that_of_the_real_run_and_the_users_order_stays() -> None:
    np.random.seed(4)
    dataset = py_dataset()
    order = dataset.order
    feed = as_feed(dataset)
    read = [batch.y.tolist() for _ in range(3) for batch in feed.open_epoch()]
    assert order.tolist() == list(range(EXAMPLES))
    real = []
    for _ in range(3):
        real += [dataset[index][1].tolist() for index in range(len(dataset))]
        dataset.on_epoch_end()
    assert read == real


def test_large_data_is_shared_until_it_is_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    class Normalising(keras.utils.PyDataset):
        def __init__(self, data: Any) -> None:
            super().__init__()
            self.data = data

        def __len__(self) -> int:
            return 1

        def __getitem__(self, _index: int) -> Any:
            return self.data, Y

        def on_epoch_end(self) -> None:
            self.data /= 2

    monkeypatch.setattr(_private_copy, "COPY_BYTES", 100)
    data = X.copy()
    feed = as_feed(Normalising(data))
    first, second = (next(feed.open_epoch()).x for _ in range(2))
    assert np.shares_memory(first, data)
    np.testing.assert_array_equal(second, X / 2)
    np.testing.assert_array_equal(data, X)


def test_workers_are_in_the_plan_and_do_not_change_the_batches() -> None:
    feed = as_feed(py_dataset(workers=3))
    assert feed.plan is not None
    assert feed.plan.steps[0].parallel_calls == 3
    assert sum(batch.size for batch in feed.open_epoch()) == EXAMPLES
