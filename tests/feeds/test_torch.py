"""torch's DataLoader."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.feeds.makers import EXAMPLES, Y, torch_loader, torch_seeded
from twinfeed.feeds import as_feed

torch = pytest.importorskip("torch")
data = torch.utils.data


def labels(loader: Any) -> list[list[int]]:
    return [batch[1].tolist() for batch in loader]


def read(feed: Any) -> list[list[int]]:
    return [batch.y.tolist() for batch in feed.open_epoch()]


def test_order_is_that_of_the_real_run_over_two_epochs() -> None:
    torch.manual_seed(2)
    loader = torch_loader(shuffle=True)
    feed = as_feed(loader)
    seen = read(feed) + read(feed)
    assert seen == labels(loader) + labels(loader)
    assert seen[:6] != seen[6:]


def test_a_generator_of_the_user_is_not_moved() -> None:
    loader = torch_seeded()
    feed = as_feed(loader)
    seen = read(feed) + read(feed)
    assert seen == labels(loader) + labels(loader)


def test_plan_and_numbers() -> None:
    feed = as_feed(
        torch_loader(shuffle=True, drop_last=True, num_workers=2, persistent_workers=True)
    )
    assert (feed.batches, feed.examples) == (5, 20)
    assert feed.plan is not None
    assert [step.kind for step in feed.plan.steps] == ["source", "shuffle", "batch", "prefetch"]
    source, shuffle, batch, prefetch = feed.plan.steps
    assert source.parallel_calls == 2
    assert shuffle.integer("buffer_size") == EXAMPLES
    assert batch.settings == {"batch_size": 4, "drop_remainder": True}
    assert prefetch.settings["persistent_workers"] is True


@pytest.mark.parametrize(
    ("sampler", "kinds"),
    [
        (data.SequentialSampler(Y), []),
        (data.WeightedRandomSampler([1.0] * EXAMPLES, 8), ["shuffle"]),
        (data.SubsetRandomSampler(range(5)), ["shuffle"]),
        (data.DistributedSampler(Y, 2, 0), ["shard", "shuffle"]),
        ([3, 1, 2], ["other"]),
    ],
)
def test_samplers_are_steps(sampler: Any, kinds: list[str]) -> None:
    feed = as_feed(torch_loader(sampler=sampler))
    assert feed.plan is not None
    assert [step.kind for step in feed.plan.steps] == ["source", *kinds, "batch"]
    assert sum(len(batch) for batch in read(feed)) == len(sampler) == feed.examples


def test_a_transform_is_a_step() -> None:
    dataset = data.TensorDataset(torch.zeros(4, 2))
    dataset.transform = torch.nn.Identity()
    plan = as_feed(data.DataLoader(data.Subset(dataset, [0, 1]))).plan
    assert plan is not None
    assert [step.settings for step in plan.of_kind("map")] == [{"function": "Identity"}]


class Stream(data.IterableDataset[Any]):
    """States a length, counts what it gives."""

    given = 0

    def __len__(self) -> int:
        return 4

    def __iter__(self) -> Iterator[Any]:
        for _ in range(3):
            self.given += 1
            yield torch.zeros(2), self.given


def test_an_iterable_data_set_states_no_number_and_is_not_advanced() -> None:
    dataset = Stream()
    feed = as_feed(data.DataLoader(dataset, 2))
    assert (feed.batches, feed.examples) == (None, None)
    assert read(feed) == [[1, 2], [3]]
    assert dataset.given == 0


def test_values_of_types_that_numpy_lacks() -> None:
    x = torch.arange(4, dtype=torch.bfloat16).reshape(2, 2).requires_grad_()
    batch = next(
        as_feed(
            lambda: iter([{"a": x, "b": torch.eye(2).to_sparse(), "c": ["p", "q"]}])
        ).open_epoch()
    )
    leaves = dict(batch.leaves())
    assert leaves['x["a"]'].dtype == np.float32
    assert leaves['x["b"]'].tolist() == [[1, 0], [0, 1]]
    assert leaves['x["c"]'].tolist() == [b"p", b"q"]


def test_workers_in_processes_give_the_same_batches() -> None:
    # In a process of its own: others in this one may have threads, and forking them may hang.
    code = """
import numpy as np, torch
from twinfeed.feeds import as_feed
data = torch.utils.data
dataset = data.TensorDataset(torch.arange(10.), torch.arange(10))
torch.manual_seed(1)
loader = data.DataLoader(dataset, 4, shuffle=True, num_workers=2, persistent_workers=True)
feed = as_feed(loader)
seen = [b.y.tolist() for _ in range(2) for b in feed.open_epoch()]
assert loader._iterator is None
assert seen == [y.tolist() for _ in range(2) for _, y in loader], seen
"""
    subprocess.run([sys.executable, "-c", code], check=True)
