"""Watching the calls of ``fit``, ``evaluate`` and ``predict`` of a process."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twinfeed._core.feed import Feed
from twinfeed._core.plan import Setting
from twinfeed._core.trace import Trace
from twinfeed._core.users_code import called_at
from twinfeed.errors import FeedError
from twinfeed.feeds._registry import as_feed
from twinfeed.observe._arming import armed
from twinfeed.observe._book import Book, Handed
from twinfeed.observe._calls import WATCHING, Call
from twinfeed.observe._handed import (
    batch_size_in_fit,
    examples_of,
    leaves_of,
    plan_in_fit,
    spec_of_handed,
    type_name,
)
from twinfeed.observe._model_inputs import model_inputs
from twinfeed.observe._model_scaling import model_scaling
from twinfeed.observe._reading import Reading
from twinfeed.observe.budget import Budget

MAX_BOOKS_PER_ROLE = 8
"""A script may call ``fit`` thousands of times; the first different feeds of each role are booked."""

_PLAIN = (
    "batch_size", "epochs", "initial_epoch", "steps_per_epoch", "validation_split",
    "validation_steps", "validation_batch_size", "validation_freq", "shuffle", "steps",
)  # fmt: skip
_PRESENT = ("class_weight", "sample_weight", "validation_data")


@dataclass(slots=True)
class _Entry:
    """A book with what tells whether a later call goes on with it."""

    book: Book
    model: weakref.ref[Any]
    handed: tuple[weakref.ref[Any], ...] | None
    within: Book | None


class Watch:
    """Books every call that it is told of, one book per object and role.

    Calls that use the same object in the same role and in the same way are read as the
    epochs of one feed: a script may train one epoch per call.

    Args:
        budget: How much is looked at and kept of each feed.
        every_value: Count every value instead of a sample of each image.
        stop_after_epochs: Ask each ``fit`` to stop after so many epochs, as a callback would.
        stop_after_seconds: Ask each ``fit`` to stop once it has run so long.
        progress: Told what is being done and the examples of this epoch so far.
    """

    def __init__(
        self,
        *,
        budget: Budget | None = None,
        every_value: bool = False,
        stop_after_epochs: int | None = None,
        stop_after_seconds: float | None = None,
        progress: Callable[[str, int], None] | None = None,
    ) -> None:
        self.stop_after_epochs = stop_after_epochs
        self.stop_after_seconds = stop_after_seconds
        self.calls = 0
        self._budget = budget or Budget()
        self._every_value = every_value
        self._progress = progress
        self._entries: list[_Entry] = []
        self._running: list[tuple[Call, Book]] = []
        self._left_out: dict[str, int] = {}

    def open(self, call: Call) -> Reading | None:
        """Start or go on with a book for this call."""
        self.calls += 1
        handed = _weak(call.arguments.get("x"))
        within = next((book for outer, book in self._running if outer is call.within), None)
        arguments = _arguments(call)
        for entry in self._entries:
            if self._goes_on(entry, call, handed, within, arguments):
                if within is None:
                    entry.book.calls += 1
                return self._reading(call, entry.book)
        alike = sum(entry.book.role == call.role for entry in self._entries)
        if alike >= MAX_BOOKS_PER_ROLE:
            self._left_out[call.role] = self._left_out.get(call.role, 0) + 1
            return None
        # Later feeds get a smaller part of the memory, so that the whole stays bounded.
        keep_bytes = self._budget.keep_bytes // (1 if not alike else 4)
        known, why_not = _handed(call, arguments)
        book = Book(
            call.role,
            known,
            budget=replace(self._budget, keep_bytes=keep_bytes),
            every_value=self._every_value,
        )
        if why_not:
            book.note(why_not)
        self._entries.append(_Entry(book, weakref.ref(call.model), handed, within))
        return self._reading(call, book)

    def close(self, call: Call, reading: Reading, error: BaseException | None) -> None:
        """The call has returned or raised."""
        reading.close(error)
        self._running = [(other, book) for other, book in self._running if other is not call]

    def traces(self, name: str | None = None) -> tuple[Trace, ...]:
        """What was booked so far, in the order of the first calls.

        Args:
            name: What reports call the feeds; the type of the object handed in by default.
        """
        books = [entry.book for entry in self._entries if entry.book.epochs]
        for book in books:
            if left_out := self._left_out.get(book.role):
                book.note(f"{left_out} later calls of {book.role} were not recorded")
        return tuple(book.trace(name or book.handed.name) for book in books)

    def _reading(self, call: Call, book: Book) -> Reading:
        self._running.append((call, book))
        if self.stop_after_epochs is not None and call.kind == "fit":
            epochs = "epoch" if self.stop_after_epochs == 1 else "epochs"
            book.note(f"fit was asked to stop after {self.stop_after_epochs} {epochs}")
        return Reading(book, self._progress)

    def _goes_on(
        self,
        entry: _Entry,
        call: Call,
        handed: tuple[weakref.ref[Any], ...] | None,
        within: Book | None,
        arguments: Mapping[str, Setting],
    ) -> bool:
        if entry.book.role != call.role or entry.within is not within:
            return False
        if call.role == "validation":  # one fit validates on one feed
            return True
        same = (
            handed is not None
            and entry.handed is not None
            and len(handed) == len(entry.handed)
            and all(a() is b() is not None for a, b in zip(handed, entry.handed, strict=True))
        )
        return (
            same
            and entry.model() is call.model
            and _way(entry.book.handed.arguments) == _way(arguments)
        )


@contextmanager
def tapped(watch: Watch) -> Generator[Watch]:
    """Watch every call of this process, whether Keras is imported yet or not.

    Raises:
        KerasVersionError: If this version of Keras cannot be watched.
    """
    with armed():
        WATCHING.append(watch)
        try:
            yield watch
        finally:
            WATCHING.remove(watch)


def _weak(x: object) -> tuple[weakref.ref[Any], ...] | None:
    """What tells later whether the same object is handed in again, without keeping it alive."""
    try:
        return tuple(weakref.ref(leaf) for _, leaf in leaves_of(x, "x"))
    except TypeError:  # numbers and the like
        return None


def _arguments(call: Call) -> dict[str, Setting]:
    given = call.arguments
    found: dict[str, Setting] = {}
    for name in _PLAIN:
        value = given.get(name)
        if name in given and (value is None or isinstance(value, int | float | str)):
            found[name] = value
        elif name in given:
            found[name] = repr(value)
    found |= {name: given[name] is not None for name in _PRESENT if name in given}
    steps = getattr(call.model, "steps_per_execution", 1)
    if isinstance(steps, int) and steps != 1:
        found["steps_per_execution"] = steps
    return found


def _way(arguments: Mapping[str, Setting]) -> dict[str, Setting]:
    """The arguments that decide what one epoch reads."""
    return {k: v for k, v in arguments.items() if k not in {"epochs", "initial_epoch"}}


def _handed(call: Call, arguments: Mapping[str, Setting]) -> tuple[Handed, str | None]:
    x, y, weight = (call.arguments.get(name) for name in ("x", "y", "sample_weight"))
    steps = call.arguments.get("steps_per_epoch") or call.arguments.get("steps")
    batch_size = batch_size_in_fit(x, call.arguments.get("batch_size"), steps)
    feed, why_not = _feed(x, y, weight, batch_size)
    shuffle = arguments.get("shuffle") if call.kind == "fit" else False
    split = call.arguments.get("validation_split") or 0.0
    if call.arguments.get("validation_data") is not None:
        split = 0.0
    examples = examples_of(x, float(split)) if y is not None else None
    handed = Handed(
        name=type_name(x),
        arguments=arguments,
        spec=spec_of_handed(x, y, weight),
        plan=plan_in_fit(feed.plan, shuffle) if feed else None,
        examples=feed.examples if examples is None and feed else examples,
        infinite=bool(feed and feed.infinite),
        backend=call.backend,
        place=called_at(inspect.currentframe()),
        model_scaling=model_scaling(call.model),
        model_inputs=model_inputs(call.model),
    )
    return handed, why_not


def _feed(x: Any, y: Any, weight: Any, batch_size: int | None) -> tuple[Feed | None, str | None]:
    """The object as a feed, for what it states of itself, or why not; it is not read."""
    # Keras ignores batch_size beside anything but arrays; as_feed refuses it there.
    arrays = y is not None or type(x) in {np.ndarray, list, dict}
    try:
        return as_feed(x, y, weight, batch_size=batch_size if arrays else None), None
    except FeedError:  # a generator, or a type that only Keras knows: its batches still show
        return None, None
    except Exception as error:  # noqa: BLE001 - the observer's fault must not end the training
        first = (str(error).splitlines() or [""])[0]
        return None, f"its plan could not be read: {type(error).__name__}: {first}"
