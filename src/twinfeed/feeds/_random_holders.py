"""Random generators that a user's own objects hold.

A sampler's ``generator``, a data set's ``self.rng``, the ``rng`` at the top of a script that
a map function draws from: found by following attributes, containers, closures and the
globals that functions name, to a bounded depth.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from types import BuiltinMethodType, CodeType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any, cast

import numpy as np

from twinfeed._core.optional import is_instance
from twinfeed.feeds import _random_streams as streams
from twinfeed.feeds._random_streams import Stream

DEPTH = 6
ITEMS = 64  # of one container; generators sit among the first or nowhere
OBJECTS = 5_000
_LEAVES = (str, bytes, int, float, complex, bool, type(None), np.ndarray, ModuleType, type)
_LIBRARIES = frozenset(
    {"builtins", "abc", "collections", "typing", "numpy", "pandas", "torch", "tensorflow", "keras", "grain"}
)  # fmt: skip
"""Their functions draw from shared streams; following the names in them leads everywhere."""
_CLOSED = frozenset({"tensorflow", "jax", "jaxlib", "numpy", "pandas", "scipy", "h5py", "PIL"})
"""Their objects hold no generator that a user put there, and much else."""


def held_streams(owners: Iterable[object]) -> Iterator[Stream]:
    """The generators that these objects reach, each once."""
    for found in reachable(owners):
        stream = _stream(found)
        if stream is not None:
            yield stream


def reachable(owners: Iterable[object]) -> Iterator[object]:
    """What these objects lead to, each once, nearest first."""
    waiting = deque((owner, 0) for owner in owners)
    seen: set[int] = set()
    while waiting and len(seen) < OBJECTS:
        item, depth = waiting.popleft()
        if id(item) in seen or isinstance(item, _LEAVES):
            continue
        seen.add(id(item))
        yield item
        if depth < DEPTH:
            waiting.extend((part, depth + 1) for part in _parts(item))


def _parts(item: Any) -> Iterator[object]:
    if isinstance(item, dict):  # another mapping may be a file
        yield from list(cast("dict[object, object]", item).values())[:ITEMS]
    elif isinstance(item, list | tuple | set | frozenset):
        yield from islice(cast("Iterable[object]", item), ITEMS)
    elif isinstance(item, FunctionType):
        yield from _parts_of_function(item)
    elif isinstance(item, MethodType | BuiltinMethodType):
        yield item.__self__
        yield getattr(item, "__func__", None)
    elif isinstance(item, GeneratorType):
        if item.gi_frame is not None:
            yield from item.gi_frame.f_locals.values()
    elif isinstance(item, partial):
        yield from (item.func, item.args, item.keywords)
    elif _top(type(item)) not in _CLOSED and _stream(item) is None:
        yield from _parts_of_instance(item)


def _parts_of_instance(item: object) -> Iterator[object]:
    # ``vars`` and not ``getattr``: properties may do anything.
    yield from list(getattr(item, "__dict__", {}).values())
    for kind in type(item).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            yield _slot(kind.__dict__.get(slot), item)
        if not of_library(kind):
            yield from (part for part in kind.__dict__.values() if isinstance(part, FunctionType))


def of_library(item: Any) -> bool:
    """Whether a function or class belongs to a library and not to the user."""
    return _top(item) in _LIBRARIES


def _top(item: Any) -> str:
    return str(getattr(item, "__module__", "")).partition(".")[0]


def _slot(member: Any, item: object) -> object:
    try:
        return member.__get__(item)
    except AttributeError:  # a slot that was never filled, or one that is ``__dict__``
        return None


def _parts_of_function(function: FunctionType) -> Iterator[object]:
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a name that is not bound yet
            continue
    if not of_library(function):
        for name in _names(function.__code__):
            yield function.__globals__.get(name)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _stream(item: Any) -> Stream | None:
    kind = cast("type", item.__class__)
    if kind not in _FOUND:
        _FOUND[kind] = next((stream for is_kind, stream in _KINDS if is_kind(item)), None)
    found = _FOUND[kind]
    return None if found is None else found(item)


def _bits(bits: Any) -> Stream | None:
    if bits is streams.numpy_bits():
        return None

    def renew(state: Any, salt: int) -> Any:
        if streams.is_seeded(bits):
            return state
        other = streams.copy_bits(bits)
        other.state = state
        return streams.renew_bits(other, salt).state

    def put(state: Any) -> None:
        bits.state = state

    return Stream(bits, lambda: bits.state, put, _same, renew)


def _random_state(source: Any) -> Stream | None:
    if source is cast("Any", np.random.mtrand)._rand:
        return None

    def renew(state: Any, salt: int) -> Any:
        if streams.is_seeded(source._bit_generator):
            return state
        other = np.random.RandomState(0)
        other.set_state(state)
        return np.random.RandomState(int(other.randint(2**31)) ^ salt).get_state(legacy=False)

    return Stream(source, lambda: source.get_state(legacy=False), source.set_state, _same, renew)


def _python(source: random.Random) -> Stream | None:
    # Python's own is a shared stream; ``random.random`` leads here. Another has no state.
    if source is cast("Any", random)._inst or isinstance(source, random.SystemRandom):
        return None
    return Stream(source, source.getstate, source.setstate, _same, lambda state, _salt: state)


def _torch(source: Any) -> Stream:
    return Stream(
        source,
        source.get_state,
        source.set_state,
        lambda state: state.clone(),
        # A torch.Generator that nobody seeded starts from one fixed number.
        lambda state, _salt: state.clone(),
    )


def _keras(source: Any) -> Stream:
    def renew(state: Any, salt: int) -> Any:
        if source._initial_seed is not None:
            return state
        return np.asarray([(int(state[0]) * 31 + salt * 7919) % 2**31, 0], dtype=state.dtype)

    return Stream(source, lambda: streams.keras_numbers(source), source.state.assign, _same, renew)


def _tensorflow(source: Any) -> Stream:
    def take() -> Any:
        return source.state.numpy()

    return Stream(source, take, source.state.assign, _same, lambda state, _salt: state)


def _same(state: Any) -> Any:
    return state


def _is_a(library: str, path: str) -> Callable[[Any], bool]:
    return lambda item: is_instance(item, library, path)


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Stream | None]], ...] = (
    (_is_a("numpy", "random.Generator"), lambda item: _bits(item.bit_generator)),
    (_is_a("numpy", "random.BitGenerator"), _bits),
    (_is_a("numpy", "random.RandomState"), _random_state),
    (_is_a("random", "Random"), _python),
    (_is_a("torch", "Generator"), _torch),
    (_is_a("keras", "random.SeedGenerator"), _keras),
    (_is_a("tensorflow", "random.Generator"), _tensorflow),
)
_FOUND: dict[type, Callable[[Any], Stream | None] | None] = {}
"""What was found for a type; the library that makes generators of it was loaded before it."""
