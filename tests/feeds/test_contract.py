"""Every adapter keeps the promises of ``Feed``, and the check notices those that are broken."""
# ruff: noqa: NPY002 - NumPy's global state is what a reader must not move

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from tests.feeds.makers import MAKERS, Maker
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed.testing import check_feed

GOOD = np.arange(12.0).reshape(6, 2)


# Keras 3.15 rotates through a name that SciPy has retired.
@pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")
@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_keeps_the_contract(maker: Maker) -> None:
    check_feed(maker.make, random=maker.random, seeded=maker.seeded)


def _feed(epoch: Callable[[], Iterator[Batch]]) -> Feed:
    feed = Feed(name="mine", open_epoch=epoch, fresh=lambda: feed)
    return feed


def _good() -> Iterator[Batch]:
    yield Batch(GOOD[:4], ids=np.arange(4))
    yield Batch(GOOD[4:], ids=np.arange(4, 6))


def _moves_numpy() -> Iterator[Batch]:
    np.random.rand()
    yield from _good()


def _moves_numpy_when_left() -> Iterator[Batch]:
    try:
        yield from _good()
    finally:
        np.random.rand()


def _same_ids() -> Iterator[Batch]:
    yield Batch(GOOD[:4], ids=np.zeros(4))


def _sizes_differ() -> Iterator[Batch]:
    yield Batch(GOOD[:4], GOOD[:3])


def _dtype_changes() -> Iterator[Batch]:
    yield Batch(GOOD[:4])
    yield Batch(GOOD[4:].astype("float32"))


def _noise() -> Iterator[Batch]:
    yield Batch(np.random.default_rng().random((4, 2)))


def _nothing() -> Iterator[Batch]:
    yield from ()


_EPOCHS = count()


def _gets_shorter() -> Iterator[Batch]:
    yield from list(_good())[: 2 - next(_EPOCHS) % 2]


@pytest.mark.parametrize(
    ("epoch", "promise"),
    [
        (_moves_numpy, "moves no random state"),
        (_moves_numpy_when_left, "moves no random state"),
        (_same_ids, "ids are unique"),
        (_sizes_differ, "examples as the first axis"),
        (_dtype_changes, "stay the same"),
        (_noise, "random=True"),
        (_nothing, "an epoch has batches"),
        (_gets_shorter, "starts anew"),
    ],
)
def test_a_broken_promise_is_named(epoch: Callable[[], Iterator[Batch]], promise: str) -> None:
    with pytest.raises(AssertionError, match=promise):
        check_feed(_feed(epoch))


@pytest.mark.parametrize("number", ["batches", "examples"])
def test_a_wrong_number_is_named(number: str) -> None:
    with pytest.raises(AssertionError, match=f"stated number of {number}"):
        check_feed(replace(_feed(_good), **{number: 5}))


def test_a_build_that_is_not_repeated_is_named() -> None:
    other = _feed(lambda: iter([Batch(GOOD[2:]), Batch(GOOD[:2])]))
    first = replace(_feed(lambda: iter([Batch(GOOD[:4]), Batch(GOOD[4:])])), fresh=lambda: other)
    check_feed(first)
    with pytest.raises(AssertionError, match="same first epoch"):
        check_feed(first, seeded=True)


def test_a_good_feed_passes() -> None:
    check_feed(replace(_feed(_good), batches=2, examples=6), seeded=True)


def test_import_loads_no_framework() -> None:
    code = (
        "import sys, twinfeed, twinfeed.feeds, twinfeed.testing;"
        "names = 'tensorflow keras torch jax grain tensorflow_datasets PIL pandas scipy';"
        "print([name for name in names.split() if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"
