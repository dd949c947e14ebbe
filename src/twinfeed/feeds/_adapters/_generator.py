"""Functions that yield batches, loaders of one's own, and iterators, as feeds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan, Setting, Step
from twinfeed._core.unpack import unpack
from twinfeed.errors import OneShotFeedError, UnknownFeedTypeError, UsageError
from twinfeed.feeds._adapters._leaf import any_leaf, keras_parts
from twinfeed.feeds._held_files import folder_of_held_files
from twinfeed.feeds._private_copy import private_copy
from twinfeed.feeds._random_state import PrivateRandom

FUNCTION = "generator function"
ITERATOR = "iterator"


def open_feed(
    source: Callable[[], Iterable[Any]] | Iterable[Any] | Iterator[Any], *, consume: bool
) -> Feed:
    """View a function that yields batches or a loader as a feed, or use an iterator up.

    Args:
        source: A function without arguments, called anew for each epoch; an object that is
            iterated anew for each; or an iterator.
        consume: Whether an iterator may be used up.

    Raises:
        OneShotFeedError: If an iterator is given and ``consume`` is not set.
        UsageError: If the function wants arguments.
    """
    if isinstance(source, Iterator):
        if not consume:
            raise OneShotFeedError(source)
        return _once(source)
    if not callable(source):
        return _loader(source, PrivateRandom([source]))
    _check_call(source)
    return _feed(source, PrivateRandom([source]))


def _feed(make: Callable[[], Iterable[Any]], random: PrivateRandom) -> Feed:
    return Feed(
        name=FUNCTION,
        open_epoch=lambda: _batches(random, lambda: _called(make), FUNCTION),
        plan=_plan(make),
        fresh=lambda: _feed(make, random.renewed()),
    )


def _loader(source: Iterable[Any], random: PrivateRandom) -> Feed:
    """A loader of the user's own: a copy of it, so that what it counts is not moved."""
    twin = private_copy(source)
    reader = source if twin is None else twin
    return Feed(
        name=type(source).__name__,
        open_epoch=lambda: _batches(random, lambda: iter(reader), type(source).__name__),
        batches=_length(source),
        plan=_plan(source),
        fresh=lambda: _loader(source, random.renewed()),
    )


def _length(source: object) -> int | None:
    try:
        return len(source)  # pyright: ignore[reportArgumentType] - asked, not known
    except (TypeError, NotImplementedError, AttributeError):
        return None


def _once(iterator: Iterator[Any]) -> Feed:
    random = PrivateRandom([iterator])
    return Feed(
        name=ITERATOR,
        # Another epoch goes on where the last one stopped: at the end, nothing is left.
        open_epoch=lambda: _batches(random, lambda: _unclosed(iterator), ITERATOR),
        plan=_plan(iterator, once=True),
        notes=("your own iterator was used up: it can be read only once",),
    )


def _batches(
    random: PrivateRandom, start: Callable[[], Iterator[Any]], name: str
) -> Iterator[Batch]:
    for index, native in enumerate(random.guarded(start)):
        yield unpack(keras_parts(native), any_leaf, feed_name=name, index=index)


def _called(make: Callable[[], Any]) -> Iterator[Any]:
    made = make()
    if isinstance(made, tuple | Mapping | str) or hasattr(made, "shape"):
        # Iterating x, y would read the inputs as one batch and the labels as the next.
        raise UsageError(
            f"a function that returns a {type(made).__qualname__}",
            "a function that yields batches, called anew for each epoch",
            "call it yourself, twf.diff(make_feed(), ...), if it returns arrays such as x, y",
        )
    if not hasattr(type(made), "__iter__"):
        raise UnknownFeedTypeError(
            made, known=["an iterator of batches, returned by your function"]
        )
    return iter(made)


def _unclosed(iterator: Iterator[Any]) -> Iterator[Any]:
    """A reader that stops early must not close the user's iterator, as ``yield from`` would."""
    for native in iterator:  # noqa: UP028
        yield native


def _check_call(function: Callable[..., Any]) -> None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # some built-in functions do not tell
        return
    wanted = [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]
    if wanted:
        name = getattr(function, "__qualname__", type(function).__qualname__)
        raise UsageError(
            f"the function {name}, which wants {', '.join(wanted)}",
            "a function without arguments that yields batches, called anew for each epoch",
            f"lambda: {name}(...) fills them in",
        )


def _plan(source: Any, *, once: bool = False) -> Plan:
    name = str(getattr(source, "__qualname__", type(source).__qualname__))
    settings: dict[str, Setting] = {"python": True, **folder_of_held_files(source)}
    if once:  # as agreed with the user: no fault that a second epoch would find nothing
        settings["once"] = True
    step = Step(kind="source", where=name, name=type(source).__name__, settings=settings)
    return Plan((step,), library="Python generator")
