"""The parts of the tap that need no framework: allowance, sizes, what was handed in, bookings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twinfeed._core.batch import Batch
from twinfeed._core.plan import Plan, Step
from twinfeed.observe._book import Book, Handed
from twinfeed.observe._governor import GRACE_S, LOOK_SHARE, Governor
from twinfeed.observe._handed import (
    batch_size_in_fit,
    examples_of,
    plan_in_fit,
    spec_of_handed,
    type_name,
)
from twinfeed.observe._held import Held
from twinfeed.observe._reading import Reading, Stated
from twinfeed.observe.budget import Budget


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_looking_has_a_grace_and_then_a_share_of_the_epoch():
    clock = Clock()
    governor = Governor(clock)
    governor.begin_epoch()
    governor.spent(GRACE_S)
    assert governor.may_look()
    clock.now = 100.0
    governor.spent(100 * LOOK_SHARE)
    assert governor.may_look()
    governor.spent(0.01)
    assert not governor.may_look()
    clock.now = 1000.0
    assert not governor.may_look()  # what was looked at stays the beginning of the epoch
    governor.begin_epoch()
    assert governor.may_look()


def test_only_short_steps_are_timed_now_and_then():
    long, short = Governor(), Governor()
    for _ in range(200):
        long.stepped(0.5, 0.001)
        short.stepped(0.001, 0.00047)
    assert long.stride == 1
    assert short.stride == 50


def test_unseen_batches_are_usual_ones_and_the_epoch_has_all_its_examples():
    held = Held()
    held.add_unseen(0.1)
    held.add_seen(32, 0.01, 0.2)
    held.add_unseen(0.3)
    settled = list(held.settle(32, 32 + 32 + 10))
    assert [size for size, _, _ in settled] == [32, 32, 10]
    assert [math.isnan(wait) for _, wait, _ in settled] == [True, False, True]
    assert [step for _, _, step in settled] == [0.1, 0.2, 0.3]
    assert [size for size, _, _ in held.settle(32, None)] == [32, 32, 32]


def reading(*, epochs: int = 2, stated: Stated | None = None, **handed: object) -> Reading:
    known = {
        "name": "arrays", "arguments": {}, "spec": None, "plan": None, "examples": None,
        "infinite": False, "backend": "jax",
    } | handed  # fmt: skip
    made = Reading(Book("fit", Handed(**known), budget=Budget(epochs=epochs)))  # pyright: ignore[reportArgumentType]
    made.state(
        stated
        or Stated(batches=3, batch_size=4, steps_per_epoch=None, steps_per_execution=1, peeked=0)
    )
    return made


def batch(first: int, size: int = 4) -> Batch:
    y = np.arange(first, first + size)
    return Batch(y[:, None] * np.ones((1, 3), np.float32), y)


def arrive(to: Reading, first: int, size: int = 4) -> None:
    to.arrived(size, lambda: batch(first, size), wait_s=0.5)


def test_what_is_read_before_training_begins_is_not_trained_on():
    one = reading()
    arrive(one, 0)
    one.begin()
    one.begin_epoch()
    arrive(one, 4)
    one.handed()
    one.stepped()
    one.end_epoch(stopped=True)
    one.close(None)
    trace = one.book.trace("a")
    assert trace.rows.label.tolist() == [4, 5, 6, 7]
    assert trace.ticks.wait_s.tolist() == [0.5]
    assert [epoch.ended for epoch in trace.epochs] == [False]
    assert trace.fit is not None
    assert trace.fit.fetched_batches == 2
    assert trace.notes == ("fit read one extra batch to build the model, before training",)


def test_a_batch_that_was_fetched_and_never_used_is_not_booked():
    one = reading()
    one.begin()
    one.begin_epoch()
    arrive(one, 0)
    one.close(ValueError("in the step"))
    trace = one.book.trace("a")
    assert len(trace.rows) == 0
    assert trace.epochs == ()
    assert not trace.complete


def test_epochs_beyond_the_budget_are_only_timed():
    one = reading(epochs=1)
    one.begin()
    for _ in range(2):
        one.begin_epoch()
        for first in (0, 4, 8):
            arrive(one, first)
            one.handed()
            one.stepped()
        one.end_epoch(stopped=False)
    trace = one.book.trace("a")
    assert [epoch.looked for epoch in trace.epochs] == [True, False]
    assert [epoch.ended for epoch in trace.epochs] == [True, True]
    assert len(trace.rows) == 12
    assert trace.ticks.size.tolist() == [4] * 6


def test_steps_per_epoch_cut_the_feed_where_it_goes_on_the_next_time():
    one = reading(
        stated=Stated(batches=5, batch_size=4, steps_per_epoch=2, steps_per_execution=1, peeked=0)
    )
    one.begin()
    for steps in (2, 2, 1):
        one.begin_epoch()
        for _ in range(steps):
            arrive(one, 0)
            one.handed()
            one.stepped()
        one.end_epoch(stopped=False)
    assert [epoch.ended for epoch in one.book.trace("a").epochs] == [False, False, True]


def test_batches_left_to_keras_are_counted():
    one = reading(
        stated=Stated(
            batches=5, batch_size=None, steps_per_epoch=None, steps_per_execution=2, peeked=0
        ),
        examples=18,
    )
    one.begin()
    one.begin_epoch()
    arrive(one, 0)
    arrive(one, 4)
    one.handed()
    one.stepped()
    for _ in range(2):
        one.handed()
        one.stepped()
    one.end_epoch(stopped=False)
    trace = one.book.trace("a")
    assert trace.ticks.size.tolist() == [4, 4, 4, 4, 2]
    assert np.isnan(trace.ticks.wait_s).tolist() == [False, False, True, True, True]


def test_short_steps_are_slept_through_and_still_booked():
    one = reading(
        epochs=1,
        stated=Stated(
            batches=None, batch_size=4, steps_per_epoch=None, steps_per_execution=1, peeked=0
        ),
    )
    one.begin()
    followed = []
    for _ in range(2):
        one.begin_epoch()
        for step in range(400):
            if one.asleep:
                one.slept()
                continue
            followed.append(step)
            arrive(one, 4 * step)
            one.handed(handing_s=0.001)
            one.stepped()
        one.end_epoch(stopped=False)
    trace = one.book.trace("a")
    assert followed[:401] == [*range(400), 0]  # what is looked at is never slept through
    assert len(followed) < 420
    assert len(trace.ticks.size) == 800
    assert set(trace.ticks.size.tolist()) == {4}
    assert np.isnan(trace.ticks.wait_s).sum() == 800 - len(followed)
    assert np.isfinite(trace.ticks.step_s).all()


def test_progress_hears_of_every_step():
    heard: list[tuple[str, int]] = []
    one = reading()
    one = Reading(one.book, lambda text, examples: heard.append((text, examples)))
    one.begin()
    one.begin_epoch()
    for first in (0, 4):
        arrive(one, first)
        one.handed()
        one.stepped()
    assert heard == [("fit, epoch 1", 4), ("fit, epoch 1", 8)]


def test_metrics_that_are_no_numbers_are_left_out():
    one = reading()
    one.metrics({"loss": 0.5, "lr": np.float32(0.25), "matrix": np.eye(2), "name": "x"})
    assert one.book.metrics == {"loss": [0.5], "lr": [0.25]}


def test_arrays_state_their_leaves():
    spec = spec_of_handed(
        [np.zeros((5, 3)), np.zeros((5, 2, 2), np.uint8)], np.array(["a"] * 5), None
    )
    assert spec is not None
    assert [(leaf.path, leaf.kind, leaf.dtype, leaf.shape) for leaf in spec.leaves] == [
        ("x[0]", "dense", "float64", (3,)),
        ("x[1]", "dense", "uint8", (2, 2)),
        ("y", "text", "bytes", ()),
    ]
    assert spec_of_handed(iter(()), None, None) is None


@pytest.mark.parametrize(("split", "examples"), [(0.0, 10), (0.25, 7)])
def test_examples_are_those_that_fit_trains_on(split, examples):
    assert examples_of(np.zeros((10, 2)), split) == examples
    assert examples_of({"a": np.zeros((10, 2))}, split) == examples
    assert examples_of(object(), split) is None


def test_steps_decide_the_batch_size_of_arrays_as_in_keras():
    assert batch_size_in_fit(np.zeros((10, 2)), None, 4) == 3
    assert batch_size_in_fit(np.zeros((10, 2)), 5, 4) == 5
    assert batch_size_in_fit(np.zeros((10, 2)), None, None) is None


def plan(library: str) -> Plan:
    source = Step(kind="source", where="x", examples_in=10)
    return Plan(
        (source, Step(kind="batch", where="b", settings={"batch_size": 4}, examples_in=10)), library
    )


def test_the_shuffle_of_fit_is_a_step():
    mixed = plan_in_fit(plan("arrays"), shuffle=True)
    inside = plan_in_fit(plan("arrays"), shuffle="batch")
    whole = plan_in_fit(plan("keras ImageDataGenerator"), shuffle=True)
    assert mixed
    assert [step.kind for step in mixed.steps] == ["source", "shuffle", "batch"]
    assert mixed.steps[1].integer("buffer_size") == 10
    assert inside
    assert inside.steps[1].integer("buffer_size") == 4
    assert whole
    assert [step.kind for step in whole.steps] == ["source", "batch", "shuffle"]
    assert plan_in_fit(plan("arrays"), shuffle=False) == plan("arrays")
    assert plan_in_fit(plan("tf.data"), shuffle=True) == plan("tf.data")


def test_types_are_named_as_their_users_write_them():
    assert type_name(np.zeros(1)) == "numpy.ndarray"
    assert type_name([]) == "list"
