"""The random streams that every program shares: how to take, replace and copy each.

Nothing is imported for this: a library that is not in ``sys.modules`` has no state that
could move.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

UNSEEDED_ENTROPY = 2**64
"""What the operating system seeds with is far above this; what a person writes is below."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One source of random numbers that someone else owns.

    Attributes:
        key: Tells streams apart; equal for the same stream at another time.
        take: Its present state.
        put: Makes a state the present one. A state that was put is the stream's own from
            then on, until another one is put.
        copy: The same state, independent of the given one.
        renew: The state that a new process would start from, independent of the given one:
            the same numbers if the stream was seeded, others (told apart by an integer) if not.
    """

    key: object
    take: Callable[[], Any]
    put: Callable[[Any], None]
    copy: Callable[[Any], Any]
    renew: Callable[[Any, int], Any]


def shared_streams() -> Iterator[Stream]:
    """The streams of Python, NumPy and whichever framework is loaded."""
    yield _PYTHON
    yield _NUMPY
    if _module("torch.random") is not None:
        yield _TORCH
        cuda = _module("torch.cuda")
        if cuda is not None and cuda.is_initialized():
            yield _CUDA
    if _module("tensorflow.python.ops.stateful_random_ops") is not None:
        yield _TENSORFLOW
    if _module("keras.src.random.seed_generator") is not None:
        yield _KERAS


def _module(name: str) -> Any:
    return cast("Any", sys.modules.get(name))


def _keras_attribute(name: str) -> Any:
    state = _module("keras.src.backend.common.global_state")
    return None if state is None else state.get_global_attribute(name)


def _same(state: Any) -> Any:
    return state


def _renew_python(state: Any, salt: int) -> Any:
    # Python does not say whether it was seeded; keras.utils.set_random_seed says it did.
    if _keras_attribute("global_random_seed") is not None:
        return state
    return renewed(state, salt).getstate()


def renewed(state: Any, salt: int) -> random.Random:
    """Other numbers than those of a state of Python's ``random``, the same for the same salt."""
    source = random.Random()  # noqa: S311 - repeatable on purpose
    source.setstate(state)
    return random.Random(source.getrandbits(64) + salt)  # noqa: S311


_PYTHON = Stream("random", random.getstate, random.setstate, _same, _renew_python)


class _Hollow:
    """Stands in for the bit generator so that the rest of NumPy's state can be read alone.

    ``numpy.random.get_state`` copies 624 words one by one: 40 microseconds, four times per
    step. Putting another bit generator in place costs 0.3 and needs only the spare normal
    number beside it, which replacing the bit generator would lose.
    """

    @property
    def state(self) -> dict[str, object]:
        return {"bit_generator": "MT19937", "state": {"key": 0, "pos": 0}}

    @state.setter
    def state(self, _state: object) -> None:
        """Nothing: the state is in the bit generator that this stands in for."""


_HOLLOW = _Hollow()


def _spare_normal(put: Any = None) -> Any:
    owner = cast("Any", np.random.mtrand)._rand
    real, owner._bit_generator = owner._bit_generator, _HOLLOW
    try:
        if put is not None:
            owner.set_state(put)
        return owner.get_state(legacy=False)
    finally:
        owner._bit_generator = real


def numpy_bits() -> Any:
    """The bit generator behind ``numpy.random.rand`` and its like."""
    return cast("Any", np.random).get_bit_generator()


def _take_numpy() -> Any:
    return numpy_bits(), _spare_normal()


def _put_numpy(state: Any) -> None:
    bits, spare = state
    cast("Any", np.random).set_bit_generator(bits)
    if spare["has_gauss"]:
        _spare_normal(spare)


def _copy_numpy(state: Any) -> Any:
    bits, spare = state
    return copy_bits(bits), dict(spare)


def _renew_numpy(state: Any, salt: int) -> Any:
    bits, spare = state
    if is_seeded(bits):
        return _copy_numpy(state)
    return renew_bits(bits, salt), {**spare, "has_gauss": 0, "gauss": 0.0}


def copy_bits(bits: Any) -> Any:
    """A bit generator with the same state, that tells as much about its seed."""
    # The seed sequence of a copy says whether the original was seeded.
    other = type(bits)(getattr(bits, "seed_seq", None) or 0)
    other.state = bits.state
    return other


def renew_bits(bits: Any, salt: int) -> Any:
    """A bit generator with other numbers, the same for the same salt."""
    words = copy_bits(bits).random_raw(2)
    return type(bits)(np.random.SeedSequence([*(int(word) for word in words), salt]))


def is_seeded(bits: Any) -> bool:
    """Whether a person chose the seed of a bit generator."""
    sequence = getattr(bits, "seed_seq", None)  # None after numpy.random.seed
    entropy = getattr(sequence, "entropy", None)
    return not isinstance(entropy, int) or entropy < UNSEEDED_ENTROPY


_NUMPY = Stream("numpy", _take_numpy, _put_numpy, _copy_numpy, _renew_numpy)


def _renew_torch(state: Any, salt: int) -> Any:
    torch = _module("torch")
    if torch.initial_seed() < UNSEEDED_ENTROPY >> 32:
        return state.clone()
    source = torch.Generator()
    source.set_state(state)
    seed = int(torch.empty((), dtype=torch.int64).random_(generator=source)) % UNSEEDED_ENTROPY
    return source.manual_seed(seed // 2 + salt).get_state()


_TORCH = Stream(
    "torch",
    lambda: _module("torch").get_rng_state(),
    lambda state: _module("torch").set_rng_state(state),
    lambda state: state.clone(),
    _renew_torch,
)
_CUDA = Stream(
    "torch.cuda",
    lambda: _module("torch.cuda").get_rng_state_all(),
    lambda states: _module("torch.cuda").set_rng_state_all(states),
    lambda states: [state.clone() for state in states],
    lambda states, _salt: [state.clone() for state in states],
)


def _take_tensorflow() -> Any:
    """The source of the seeds of eager operations, and the global generator (by reference)."""
    context = _module("tensorflow.python.eager.context").context()
    generator = _module("tensorflow.python.ops.stateful_random_ops").global_generator
    return context._seed, getattr(context, "_rng", None), generator


def _put_tensorflow(state: Any) -> None:
    context = _module("tensorflow.python.eager.context").context()
    context._seed, context._rng, generator = state
    _module("tensorflow.python.ops.stateful_random_ops").global_generator = generator


def _copy_tensorflow(state: Any, salt: int = 0) -> Any:
    seed, source, generator = state
    if seed is not None:
        # An eager operation counts its draws in a kernel that is found again by its seeds, so
        # the same seeds would move the caller's kernels. Other seeds have kernels of their own.
        # Without a global seed the operations draw from the system: there is nothing to move.
        other = random.Random(f"{seed} {salt}")  # noqa: S311 - repeatable on purpose
        seed, source = other.getrandbits(31), other
    if generator is not None:
        kind, numbers = generator.algorithm, generator.state.numpy()
        generator = cast("Any", type(generator)).from_state(numbers, alg=kind)
    return seed, source, generator


_TENSORFLOW = Stream(
    "tensorflow", _take_tensorflow, _put_tensorflow, _copy_tensorflow, _copy_tensorflow
)


def _take_keras() -> Any:
    """Keras's global seed generator by reference; ``None`` before its first use."""
    return _keras_attribute("global_seed_generator")


def _put_keras(generator: Any) -> None:
    state = _module("keras.src.backend.common.global_state")
    state.set_global_attribute("global_seed_generator", generator)


def keras_numbers(generator: Any) -> Any:
    """The state of a Keras seed generator, two integers."""
    # Not ``backend.convert_to_numpy``: it warns about TensorFlow's variables with NumPy 2.
    value = generator.state.value
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return np.array(value.numpy() if hasattr(value, "numpy") else value)


def _copy_keras(generator: Any) -> Any:
    if generator is None:
        return None
    # The name keeps Keras's counter of names, which gives layers theirs, where it is.
    other = type(generator)(seed=0, name="twinfeed_seed_generator", backend=generator.backend)
    other.state.assign(generator.state.value)
    return other


def _renew_keras(generator: Any, salt: int) -> Any:
    if generator is None or _keras_attribute("global_random_seed") is not None:
        return _copy_keras(generator)
    start = keras_numbers(generator)
    seed = (int(start[0]) * 31 + int(start[1]) + salt * 7919) % 2**31
    return type(generator)(seed=seed, name="twinfeed_seed_generator", backend=generator.backend)


_KERAS = Stream("keras", _take_keras, _put_keras, _copy_keras, _renew_keras)
