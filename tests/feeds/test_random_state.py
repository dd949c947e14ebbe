"""Someone else's random states stand still while their iterator is read."""
# ruff: noqa: NPY002, TID251 - NumPy's global state is what a reader must not move

from __future__ import annotations

import functools
import random
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from twinfeed.feeds._random_calls import may_draw
from twinfeed.feeds._random_holders import held_streams
from twinfeed.feeds._random_state import PrivateRandom, guarded
from twinfeed.testing._random_snapshot import snapshot

RNG = np.random.default_rng(3)


def draws() -> Iterator[tuple[float, ...]]:
    """Three steps; one normal number each, so that NumPy keeps a spare one."""
    for _ in range(3):
        yield random.random(), np.random.normal(), RNG.random()


@pytest.fixture(autouse=True)
def _states() -> Iterator[None]:
    np.random.seed(1)
    random.seed(2)
    np.random.normal()  # leaves a spare number behind
    yield
    if "keras" in sys.modules:  # keras.utils.set_random_seed says that everything was seeded
        state = sys.modules["keras.src.backend.common.global_state"]
        state.set_global_attribute("global_random_seed", None)


def test_states_stand_still_between_steps_and_after() -> None:
    before = snapshot([draws])
    for _ in guarded(draws, owners=[draws]):
        assert snapshot([draws]) == before
    assert snapshot([draws]) == before


def test_an_abandoned_iterator_leaves_nothing_behind() -> None:
    def draws_at_the_end() -> Iterator[float]:
        try:
            yield np.random.rand()
        finally:
            np.random.rand()

    before = snapshot([])
    batches = guarded(draws_at_the_end)
    next(batches)
    assert snapshot([]) == before
    del batches
    assert snapshot([]) == before


def test_an_error_leaves_nothing_behind() -> None:
    def fails() -> Iterator[float]:
        np.random.rand()
        message = "no"
        raise OSError(message)
        yield 0.0

    before = snapshot([])
    with pytest.raises(OSError, match="no"):
        next(guarded(fails))
    assert snapshot([]) == before


def test_numbers_are_those_of_the_real_run_over_two_epochs() -> None:
    private = PrivateRandom([draws])
    read = [*private.guarded(draws), *private.guarded(draws)]
    assert read == [*draws(), *draws()]


def test_two_readers_at_once_do_not_disturb_each_other() -> None:
    one, two = PrivateRandom([draws]), PrivateRandom([draws])
    pairs = zip(one.guarded(draws), two.guarded(draws), strict=True)
    assert all(left == right for left, right in pairs)


def test_a_renewed_reader_repeats_what_was_seeded() -> None:
    private = PrivateRandom([draws])
    first, again = list(private.guarded(draws)), list(private.renewed().guarded(draws))
    assert [step[1:] for step in again] == [step[1:] for step in first]  # NumPy tells its seed


def test_a_renewed_reader_draws_anew_what_was_not() -> None:
    unseeded = np.random.default_rng()

    def own() -> Iterator[float]:
        yield unseeded.random()
        yield random.random()

    private = PrivateRandom([own])
    first, again, third = (
        list(reader.guarded(own))
        for reader in (private, private.renewed(), private.renewed().renewed())
    )
    assert not {*first} & {*again}
    assert not {*again} & {*third}


@pytest.mark.parametrize(
    "holder",
    [
        lambda rng: {"a": [rng]},
        lambda rng: functools.partial(print, rng),
        lambda rng: lambda: rng,
        lambda rng: lambda rng=rng: rng,
        lambda rng: rng.random,
        lambda rng: type("Held", (), {"__slots__": ("rng",)}),
    ],
    ids=["container", "partial", "closure", "default", "method", "slot"],
)
def test_generators_are_found_where_they_are_held(holder: Callable[[Any], Any]) -> None:
    rng = random.Random(1)
    held = holder(rng)
    if isinstance(held, type):
        held = held()
        held.rng = rng
    assert [stream.key for stream in held_streams([held])] == [rng]


def test_shared_generators_are_not_taken_for_held_ones() -> None:
    assert not list(held_streams([random.random, np.random.rand, np.random.mtrand._rand]))


def test_torch_states_stand_still() -> None:
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(1)

    def own() -> Iterator[Any]:
        yield float(torch.rand(())), float(torch.rand((), generator=generator))

    before = snapshot([own])
    private = PrivateRandom([own])
    read = list(private.guarded(own))
    assert snapshot([own]) == before
    assert read == list(own())


def test_keras_and_tensorflow_states_stand_still() -> None:
    keras = pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    keras.utils.set_random_seed(1)
    layer = keras.layers.RandomBrightness(0.5, seed=4)
    tf.random.set_global_generator(tf.random.Generator.from_seed(1))

    def own() -> Iterator[list[float]]:
        for _ in range(2):
            yield [
                float(keras.random.uniform(())),
                float(keras.ops.sum(layer(np.ones((1, 2, 2, 3)), training=True))),
                float(tf.random.get_global_generator().uniform(())),
            ]

    keras.random.uniform(())
    before = snapshot([own])
    read = list(guarded(own, owners=[own]))
    assert snapshot([own]) == before
    assert read == list(own())


def test_seeded_eager_operations_of_tensorflow_draw_on_as_if_nobody_had_looked() -> None:
    tf = pytest.importorskip("tensorflow")

    def own() -> Iterator[float]:
        for _ in range(3):
            yield float(tf.random.uniform(()))

    tf.random.set_seed(5)
    untouched = list(own())
    tf.random.set_seed(5)
    list(guarded(own))
    assert list(own()) == untouched


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("lambda x: np.random.rand()", True),
        ("lambda x: random.random()", True),
        ("lambda x: [random.random() for _ in x]", True),
        ("lambda x, rng: np.clip(x, rng.random(), 1)", False),
        ("lambda x: np.random.default_rng(1).random()", False),
        ("lambda x: x + 1", False),
    ],
)
def test_draws_from_shared_streams_are_seen_in_code(code: str, found: bool) -> None:
    function = eval(code, {"np": np, "random": random, "__name__": "mine"})
    assert isinstance(function, FunctionType)
    assert may_draw([function]) is found
