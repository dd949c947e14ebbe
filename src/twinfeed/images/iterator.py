"""Batches in Keras's order, prepared ahead without changing any of them."""

from __future__ import annotations

import contextlib
import operator
import threading
from collections import deque
from collections.abc import Generator, Iterator as Iteration, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.optional import require
from twinfeed.engine.crew import Job, cores
from twinfeed.errors import UsageError
from twinfeed.images._frameworks import _keras

AHEAD = 3
"""Batches that are prepared while one is used."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a stream of batches stands."""

    seen: int
    batch_index: int
    order: Array | None


@dataclass(slots=True)
class _Prepared:
    """A batch in the making and what it rests on.

    Attributes:
        item: The index that was asked for; ``None`` for ``next()``.
        start: Where the stream stood.
        settings: Everything that the batch depends on besides.
        before: NumPy's state that was assumed; ``None`` where the batch is seeded.
        indices: Examples in it.
        end: Where the stream stands after it.
        after: NumPy's state after its draws; ``None`` where they are not drawn yet, or where it is
            less work to draw them again.
        making: What the subclass began.
    """

    item: int | None
    start: _Place
    settings: tuple[Any, ...]
    before: Any
    indices: Array
    end: _Place
    after: Any
    making: Any


def _global() -> np.random.RandomState:
    """NumPy's global stream: Keras draws from it and leaves it moved, so this does."""
    found: np.random.RandomState = np.random.mtrand._rand  # type: ignore[attr-defined]
    return found


class Iterator:
    """Iterates over batches, endlessly through ``next()``, by number through indexing.

    A drop-in for the iterators of Keras's ``ImageDataGenerator``, with their attributes. To
    ``Model.fit`` it is a ``keras.utils.PyDataset``, although Keras need not be installed: the
    question ``isinstance(iterator, PyDataset)`` is answered when it is asked.

    Args:
        n: Examples.
        batch_size: Examples in a batch; the last one of an epoch may be smaller.
        shuffle: Whether each epoch has an order of its own.
        seed: Before each batch NumPy's global stream is seeded with this plus the number of
            batches drawn so far; ``None`` goes on in the stream as it stands.
        threads: Threads that make pictures; as many as there are cores by default. They never
            change a batch.
    """

    max_queue_size = 10
    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(
        self,
        n: int,
        batch_size: int,
        shuffle: bool,
        seed: int | None,
        *,
        threads: int | None = None,
    ) -> None:
        self.n = n
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.batch_index = 0
        self.total_batches_seen = 0
        self.index_array: Array | None = None
        self.threads = threads or cores()
        self._begun = False
        self._stream = _global()
        self._prepare()

    def _prepare(self) -> None:
        """What a copy does not share."""
        self.lock = threading.Lock()
        self.index_generator = self._flow_index()
        self._ahead: deque[_Prepared] = deque()
        self._private = np.random.RandomState(0)
        self._expected: tuple[int | None, int] | None = None

    # What Keras looks at.

    @property
    def __class__(self) -> type:  # pyright: ignore[reportIncompatibleMethodOverride]
        """This class, which is also Keras's own once Keras is loaded.

        ``fit`` accepts instances of ``PyDataset``. Being one from the start would mean loading
        Keras, and with it TensorFlow, for everybody; being one only where Keras came first would
        depend on the order of imports.
        """
        return _keras.joined(type(self))

    @property
    def workers(self) -> int:
        """Always 1 to Keras, whose workers would ask in any order; setting it sets ``threads``."""
        return 1

    @workers.setter
    def workers(self, value: int) -> None:
        self.threads = max(int(value), 1)

    @property
    def use_multiprocessing(self) -> bool:
        """Always false: threads of this iterator do the work, whatever is set."""
        return False

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        del value

    @property
    def num_batches(self) -> int:
        """Batches in an epoch."""
        return len(self)

    def on_epoch_begin(self) -> None:
        """Nothing: Keras asks."""

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch, from NumPy's stream as the last batch left it."""
        with self.lock:
            self._set_index_array()

    # The order of examples.

    def _set_index_array(self) -> None:
        self.index_array = self._ordered(self._stream)

    def _ordered(self, random: np.random.RandomState) -> Array:
        return random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def reset(self) -> None:
        """Let ``next()`` begin an epoch."""
        self.batch_index = 0

    def __len__(self) -> int:
        return (self.n + self.batch_size - 1) // self.batch_size

    def _place(self) -> _Place:
        return _Place(self.total_batches_seen, self.batch_index, self.index_array)

    def _advance(
        self, place: _Place, item: int | None, random: np.random.RandomState
    ) -> tuple[Array, _Place]:
        """The examples of the batch at ``place`` and where the stream stands after it."""
        if self.seed is not None:
            random.seed(self.seed + place.seen)
        order = place.order
        if item is not None:
            order = self._ordered(random) if order is None else order
            indices = order[self.batch_size * item : self.batch_size * (item + 1)]
            return indices, _Place(place.seen + 1, place.batch_index, order)
        if place.batch_index == 0 or order is None:
            order = self._ordered(random)
        at = (place.batch_index * self.batch_size) % self.n if self.n else 0
        following = place.batch_index + 1 if self.n > at + self.batch_size else 0
        end = _Place(place.seen + 1, following, order)
        return order[at : at + self.batch_size], end

    def _settle(self, end: _Place) -> None:
        self.total_batches_seen, self.batch_index = end.seen, end.batch_index
        self.index_array = end.order

    def _flow_index(self) -> Iteration[Array]:
        """The examples of one batch after another, as ``next()`` goes through them."""
        self.reset()
        while True:
            indices, end = self._advance(self._place(), None, self._stream)
            self._settle(end)
            yield indices

    # Asking for batches.

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        return self._asked(None)

    def __getitem__(self, idx: int) -> Any:
        if idx >= len(self):
            raise ValueError(
                f"Asked to retrieve element {idx}, but the Sequence has length {len(self)}"
            )
        return self._asked(idx)

    def _asked(self, item: int | None) -> Any:
        if type(self)._get_batches_of_transformed_samples is not _MADE_HERE:
            return self._asked_of_subclass(item)
        with self.lock:
            if item is None and not self._begun:
                self.reset()
                self._begun = True
            prepared = self._matching(item)
            if prepared is None:
                self._drop()
                live = self._begin(item, self._place(), self._stream, self._settings())
                prepared = live
            elif prepared.after is not None:
                self._stream.set_state(prepared.after)
            else:
                self._advance(prepared.start, item, self._stream)
                if prepared.making.samples:
                    self._stream.random_sample(prepared.making.samples)
            self._settle(prepared.end)
            if self._in_order():
                self._look_ahead(item)
                return self._finish(prepared.making, prepared.indices)
            self._look_ahead(item)
            if self._writes():
                return self._finish(prepared.making, prepared.indices)
        return self._finish(prepared.making, prepared.indices)

    def _asked_of_subclass(self, item: int | None) -> Any:
        """A user's subclass makes batches itself: then it is asked as Keras asks it."""
        with self.lock:
            if item is None:
                indices = next(self.index_generator)
            else:
                indices, end = self._advance(self._place(), item, self._stream)
                self._settle(end)
        return self._get_batches_of_transformed_samples(indices)

    def _get_batches_of_transformed_samples(self, index_array: Array) -> Any:
        """The batch of these examples, drawn from NumPy's stream as it stands.

        Args:
            index_array: Numbers of examples, shape ``(examples,)``.
        """
        making = self._start(index_array, None if self._in_order() else self._stream)
        return self._finish(making, index_array)

    def _begin(
        self, item: int | None, start: _Place, random: np.random.RandomState, settings: Any
    ) -> _Prepared:
        before = None if self.seed is not None else random.get_state(legacy=True)
        indices, end = self._advance(start, item, random)
        if self._in_order():
            making, after = self._start(indices, None), None
        else:
            making = self._start(indices, random)
            # A state takes longer to read and to set than a batch of numbers to draw.
            again = making.samples is not None and end.order is start.order
            after = None if before is None and again else random.get_state(legacy=True)
        return _Prepared(item, start, settings, before, indices, end, after, making)

    def _matching(self, item: int | None) -> _Prepared | None:
        """The next prepared batch, if everything it rests on is as it was assumed."""
        if not self._ahead:
            return None
        first, place = self._ahead.popleft(), self._place()
        fits = (
            first.item == item
            and (first.start.seen, first.start.batch_index) == (place.seen, place.batch_index)
            and first.start.order is place.order
            and _same(first.settings, self._settings())
            and not first.making.job.orphaned
            and (first.before is None or _same_state(first.before, self._stream))
        )
        if not fits:
            first.making.job.cancel()
        return first if fits else None

    def _look_ahead(self, item: int | None) -> None:
        """Begin the batches that will be asked for next, if it goes on as it did."""
        if self._writes():
            return
        expected, self._expected = self._expected, (item, self.total_batches_seen)
        # One batch may be all that is wanted; two in a row are the start of an epoch.
        if expected is None or expected[1] + 1 != self.total_batches_seen:
            return
        items = self._items_after(item)
        place, random = self._place(), self._private
        if self._ahead:
            place = self._ahead[-1].end
        if len(self._ahead) >= len(items):
            return
        settings = self._settings()
        if self.seed is None and not self._in_order():
            random.set_state(
                self._ahead[-1].after if self._ahead else self._stream.get_state(legacy=True)
            )
        for wanted in items[len(self._ahead) :]:
            unknown = self.seed is None and self._in_order()
            if unknown and (place.order is None or (wanted is None and not place.batch_index)):
                return  # an order that is drawn after numbers of the user's own function
            made = self._begin(wanted, place, random, settings)
            if unknown:
                made.before = None
            self._ahead.append(made)
            place = made.end

    def _items_after(self, item: int | None) -> Sequence[int | None]:
        if item is None:
            return [None] * AHEAD
        order = _keras.asked_order(self)
        if order is not None and item in order:
            at = order.index(item) + 1
            return order[at : at + AHEAD]
        return range(item + 1, min(item + 1 + AHEAD, len(self)))

    def _drop(self) -> None:
        for prepared in self._ahead:
            prepared.making.job.cancel()
        self._ahead.clear()

    # Another form.

    def to_tf_data(self, *, drop_remainder: bool = False) -> Any:
        """The same batches as a ``tf.data.Dataset``, from where this iterator stands.

        Its cardinality and shapes are known, a few batches are held ready, and each pass over it,
        also after ``repeat()``, is the next epoch of ``next()``. Neither this iterator nor
        NumPy's global stream is moved: without a seed, it goes on in a copy of that stream.

        Args:
            drop_remainder: Leave out the last batch of an epoch where it is smaller, for devices
                that want one shape, and for ``tf.distribute``, whose replicas want equal shares.

        Raises:
            MissingLibraryError: TensorFlow is not installed.
        """
        require("tensorflow", "make a tf.data.Dataset")
        module = import_module("twinfeed.images._frameworks._tfdata")
        return module.dataset(self, drop_remainder=drop_remainder)

    def go_private(self, model: Iterator) -> None:
        """Draw from a copy of the stream that ``model`` draws from."""
        self._stream = np.random.RandomState(0)
        self._stream.set_state(model._stream.get_state(legacy=True))

    @contextlib.contextmanager
    def _as_global(self) -> Generator[None]:
        """Let functions of the user's find this iterator's stream where they look for it."""
        if self._stream is (shared := _global()):
            yield
            return
        kept = shared.get_state(legacy=True)
        shared.set_state(self._stream.get_state(legacy=True))
        try:
            yield
        finally:
            self._stream.set_state(shared.get_state(legacy=True))
            shared.set_state(kept)

    # What a subclass says.

    def _settings(self) -> tuple[Any, ...]:
        """Everything a batch depends on besides its examples and the random stream."""
        return self.seed, self.shuffle, self.n, self.batch_size

    def _in_order(self) -> bool:
        """Whether pictures must be finished one by one, in order, on the thread that asks."""
        return False

    def _writes(self) -> bool:
        """Whether making a batch writes files."""
        return False

    def _start(self, indices: Array, random: np.random.RandomState | None) -> Making:  # noqa: ARG002
        """Draw from ``random`` and begin the work; without it begin what needs no draw."""
        raise _unmade(self)

    def _finish(self, making: Any, indices: Array) -> Any:  # noqa: ARG002
        """Wait, and put the batch together."""
        raise _unmade(self)

    # Copies and processes.

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        for name in ("lock", "index_generator", "_ahead", "_private", "_expected", "_stream"):
            state.pop(name, None)
        if self._stream is not _global():
            state["_stream_state"] = self._stream.get_state()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        kept = state.pop("_stream_state", None)
        self.__dict__.update(state)
        self._stream = _global()
        if kept is not None:
            self._stream = np.random.RandomState()
            self._stream.set_state(kept)
        self._prepare()

    def __reduce_ex__(self, protocol: Any) -> Any:
        # Without this, pickling compares the class with what __class__ says.
        del protocol
        return _restored, (type(self), self.__getstate__())


@dataclass(slots=True)
class Making:
    """Work that was begun for a batch.

    Attributes:
        job: The threads' share.
        batch: The pictures, filled by the job.
        used: The example that each picture is, which may differ from the one asked for.
        grids: Decoded pictures, where the rest has to be done in order.
        samples: How many uniform numbers were drawn for it; ``None`` where it is not known.
    """

    job: Job
    batch: Array
    used: Array
    grids: list[Any]
    samples: int | None = None


_MADE_HERE = vars(Iterator)["_get_batches_of_transformed_samples"]


def _restored(kind: type[Iterator], state: dict[str, Any]) -> Iterator:
    made = kind.__new__(kind)
    made.__setstate__(dict(state))
    return made


def _same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    return len(left) == len(right) and all(map(operator.is_, left, right))


def _same_state(assumed: Any, stream: np.random.RandomState) -> bool:
    now: Any = stream.get_state(legacy=True)
    return assumed[2:] == now[2:] and np.array_equal(assumed[1], now[1])


def _unmade(iterator: Iterator) -> UsageError:
    return UsageError(
        f"{type(iterator).__name__}, which does not say how its batches are made",
        "a method _get_batches_of_transformed_samples",
        "use flow, flow_from_directory or flow_from_dataframe, or define it",
    )


def settings_of(generator: Any) -> tuple[Any, ...]:
    """All that a generator holds: a batch made ahead is dropped when any of it changes."""
    held = cast("dict[str, Any]", vars(generator))
    return tuple(held.values())


def check_choice(name: str, given: Any, allowed: Any) -> None:
    """Refuse a value that is none of those allowed.

    Raises:
        UsageError: It is none of them.
    """
    if given not in allowed:
        shown = ", ".join(repr(each) for each in sorted(allowed, key=str))
        raise UsageError(f"{name}={given!r}", f"one of: {shown}", "check the spelling")
