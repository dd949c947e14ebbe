"""The one place that touches private parts of Keras.

Three things are replaced while somebody watches, and put back afterwards:

``fit``, ``evaluate`` and ``predict``
    The function inside Keras's traceback filter is exchanged, in the closure. The methods
    themselves stay the same objects, so that ``model.fit(x, callbacks=[Tap(...)])`` is seen
    although Python looks ``model.fit`` up before it makes the ``Tap``.
``EpochIterator.__next__``
    Hands each step its batches; here they are looked at on the way.
``CallbackList``
    Says where training, epochs and steps begin and end, in the trainer's own thread. A callback
    of ours would make Keras wait for each step, because it dispatches them only when none
    of them asks for batches.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CellType, FunctionType
from typing import Any, cast

import keras

from twinfeed.errors import KerasVersionError
from twinfeed.observe._calls import WATCHING, Call, Kind, Observer
from twinfeed.observe._frameworks._native import batch_of, size_of
from twinfeed.observe._reading import Reading, Stated

KINDS: tuple[Kind, ...] = ("fit", "evaluate", "predict")
_PHASES: Mapping[Kind, str] = {"fit": "train", "evaluate": "test", "predict": "predict"}
_STOPS: Mapping[Kind, str] = {
    "fit": "stop_training",
    "evaluate": "stop_evaluating",
    "predict": "stop_predicting",
}
_ITERATORS = {
    "tensorflow": ("keras.src.backend.tensorflow.trainer", "TFEpochIterator"),
    "jax": ("keras.src.backend.jax.trainer", "JAXEpochIterator"),
    "torch": ("keras.src.backend.torch.trainer", "TorchEpochIterator"),
    "numpy": ("keras.src.trainers.epoch_iterator", "EpochIterator"),
}
_PEEKS = {
    ("PyDatasetAdapter", "tensorflow"),
    ("TorchDataLoaderAdapter", "tensorflow"),
    *(("GeneratorDataAdapter", backend) for backend in _ITERATORS),
    *(("GrainDatasetAdapter", backend) for backend in _ITERATORS),
}
"""Adapters that read two batches while they are built, to learn the shapes (Keras 3.15)."""
OBSERVER = "twinfeed_observer"
"""Attribute under which a callback carries somebody who watches only its own calls."""
_LOCK = threading.Lock()


@dataclass(slots=True)
class _Seam:
    """What is replaced, and what stood there."""

    cells: dict[Kind, tuple[CellType, Any]]
    iterator: Any
    callbacks: Any
    undo: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])


@dataclass(slots=True)
class _Active:
    """A call that runs in this thread."""

    call: Call
    readings: list[tuple[Observer, Reading]]
    began: float = field(default_factory=time.perf_counter)


class _Stack(threading.local):
    def __init__(self) -> None:
        self.calls: list[_Active] = []


_stack = _Stack()
_installed: list[_Seam] = []
_users = 0


def install() -> None:
    """Put the seam in place; calls nest.

    Raises:
        KerasVersionError: If a part of it is not where this version of twinfeed expects it.
    """
    global _users  # noqa: PLW0603 - the seam is the process's, as the patched classes are
    with _LOCK:
        if not _users:
            seam = _find()
            _replace(seam)
            _installed.append(seam)
        _users += 1


def uninstall() -> None:
    """Put back what stood there, once nobody needs the seam any more."""
    global _users  # noqa: PLW0603
    with _LOCK:
        _users = max(0, _users - 1)
        if not _users and _installed:
            for undo in reversed(_installed.pop().undo):
                undo()


def _find() -> _Seam:
    backend = keras.backend.backend()
    if backend not in _ITERATORS:
        raise KerasVersionError(keras.__version__, f"a trainer for the backend {backend}")
    module, name = _ITERATORS[backend]
    try:
        iterator = getattr(importlib.import_module(module), name)
        callbacks = importlib.import_module("keras.src.callbacks.callback_list").CallbackList
        cells = {kind: _inner(kind) for kind in KINDS}
    except (ImportError, AttributeError, ValueError) as error:
        raise KerasVersionError(keras.__version__, str(error)) from error
    for part, names in (
        (iterator, ("__next__", "__iter__", "reset")),
        (callbacks, ("on_epoch_begin", "on_epoch_end", *_hooks())),
    ):
        for method in names:
            if not callable(getattr(part, method, None)):
                raise KerasVersionError(keras.__version__, f"{part.__name__}.{method}")
    return _Seam(cells, iterator, callbacks)


def _hooks() -> Iterator[str]:
    for phase in _PHASES.values():
        yield from (f"on_{phase}_begin", f"on_{phase}_batch_end", f"on_{phase}_end")


def _inner(kind: Kind) -> tuple[CellType, Any]:
    """The cell that holds the real method inside the traceback filter."""
    method = getattr(keras.Model, kind)
    closure = cast("tuple[CellType, ...]", method.__closure__ or ())
    cell = closure[method.__code__.co_freevars.index("fn")]
    inner = cell.cell_contents
    if not isinstance(inner, FunctionType) or inner.__name__ != kind:
        raise ValueError(f"keras.Model.{kind} inside its traceback filter")
    return cell, inner


def _replace(seam: _Seam) -> None:
    for kind, (cell, inner) in seam.cells.items():
        cell.cell_contents = _watched(kind, inner)
        seam.undo.append(functools.partial(setattr, cell, "cell_contents", inner))
    _patch(seam, seam.iterator, "__next__", _next)
    _patch(seam, seam.callbacks, "on_epoch_begin", _on_epoch_begin)
    _patch(seam, seam.callbacks, "on_epoch_end", _on_epoch_end)
    for kind, phase in _PHASES.items():
        _patch(seam, seam.callbacks, f"on_{phase}_begin", functools.partial(_on_begin, kind))
        _patch(seam, seam.callbacks, f"on_{phase}_batch_end", functools.partial(_on_step_end, kind))
        _patch(seam, seam.callbacks, f"on_{phase}_end", functools.partial(_on_end, kind))


def _patch(seam: _Seam, owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Replace a method by ``around(original, self, ...)``."""
    original = getattr(owner, name)
    own = name in vars(owner)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(original, self, *args, **kwargs)

    setattr(owner, name, method)
    seam.undo.append(
        functools.partial(setattr, owner, name, original)
        if own
        else functools.partial(delattr, owner, name)
    )


def _watched(kind: Kind, inner: Callable[..., Any]) -> Callable[..., Any]:
    """The method, telling those who watch when it is called and how it ends."""
    signature = inspect.signature(inner)

    @functools.wraps(inner)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return inner(*args, **kwargs)  # raises the same, in its own words
        bound.apply_defaults()
        arguments = dict(bound.arguments)
        model = arguments.pop("self")
        observers = [*WATCHING, *_carried(arguments.get("callbacks"))]
        if not observers:
            return inner(*args, **kwargs)
        outer = _stack.calls[-1].call if _stack.calls else None
        cached = bool((arguments.get("kwargs") or {}).get("_use_cached_eval_dataset"))
        made = Call(
            kind=kind,
            role="validation" if cached else kind,
            model=model,
            arguments=arguments,
            within=outer,
            backend=keras.backend.backend(),
        )
        opened = [(observer, observer.open(made)) for observer in observers]
        active = _Active(made, [(o, reading) for o, reading in opened if reading is not None])
        _stack.calls.append(active)
        error: BaseException | None = None
        try:
            return inner(*args, **kwargs)
        except BaseException as raised:
            error = raised
            raise
        finally:
            _stack.calls.pop()
            for observer, reading in active.readings:
                observer.close(made, reading, error)

    return call


def _carried(callbacks: Any) -> Iterator[Observer]:
    """Those who came along as callbacks of this call."""
    found = getattr(callbacks, "callbacks", callbacks)
    for callback in found if isinstance(found, list | tuple) else [found]:
        if isinstance(callback, list | tuple):
            yield from _carried(callback)
        elif (observer := getattr(callback, OBSERVER, None)) is not None:
            yield observer


def _current(kind: Kind | None = None) -> _Active | None:
    """The innermost call of this thread, if it is of this kind."""
    active = _stack.calls[-1] if _stack.calls else None
    return active if active and (kind is None or active.call.kind == kind) else None


def _next(original: Callable[[Any], Any], iterator: Any) -> Any:
    active = _current()
    if active is None or all(reading.asleep for _, reading in active.readings):
        return original(iterator)
    asked_at = time.perf_counter()
    begin, end, item = original(iterator)
    waited_s = time.perf_counter() - asked_at
    for _, reading in active.readings:
        if reading.unstated:
            reading.state(_stated(iterator, active.call.backend))
    for _, reading in active.readings:
        if reading.asleep:
            continue
        item = _pass_on(item, iterator, reading, active.call, waited_s)
    return begin, end, item


def _stated(iterator: Any, backend: str) -> Stated:
    adapter = iterator.data_adapter
    peeks = (type(adapter).__name__, backend) in _PEEKS
    return Stated(
        batches=adapter.num_batches,
        # Only that of arrays: others need not have one, and raise when asked.
        batch_size=adapter.batch_size if type(adapter).__name__ == "ArrayDataAdapter" else None,
        steps_per_epoch=iterator.steps_per_epoch,
        steps_per_execution=iterator.steps_per_execution,
        peeked=min(2, adapter.num_batches or 2) if peeks else 0,
    )


def _pass_on(item: Any, iterator: Any, reading: Reading, call: Call, waited_s: float) -> Any:
    """Show what a step is about to read, and give back what it is to read."""
    if isinstance(item, list):  # the batches themselves
        for native in item:
            _show(native, reading, call.backend, waited_s / len(item))
        reading.handed()
        return item
    if call.backend == "tensorflow":
        feeder = importlib.import_module("twinfeed.observe._frameworks._tf_feeder")
        if not _reads_as_keras_does(call):
            reading.blind(
                f"the model's {_PHASES[call.kind]} function is its own, so its batches were not looked at"
            )
        return feeder.pass_on(item, iterator.steps_per_execution, reading)
    reading.handed()
    return _Shown(item, reading, call.backend)


def _reads_as_keras_does(call: Call) -> bool:
    """Whether an execution draws as many batches as it is meant to, and no more.

    A train function of the user's own may draw several, and would wait for them for ever.
    """
    function = getattr(call.model, f"{_PHASES[call.kind]}_function", None)
    # What ``predict`` hands to its function it draws itself.
    return call.kind == "predict" or str(getattr(function, "__module__", "")).startswith("keras.")


def _show(native: Any, reading: Reading, backend: str, wait_s: float) -> None:
    reading.arrived(size_of(native), lambda: batch_of(native, backend), wait_s=wait_s)


class _Shown:
    """An iterator whose batches are shown to a reading as the step draws them."""

    def __init__(self, source: Any, reading: Reading, backend: str) -> None:
        self._source = source
        self._reading = reading
        self._backend = backend

    def __iter__(self) -> _Shown:
        return self

    def __next__(self) -> Any:
        asked_at = time.perf_counter()
        try:
            native = next(self._source)
        except StopIteration:
            self._reading.ran_out()
            raise
        _show(native, self._reading, self._backend, time.perf_counter() - asked_at)
        return native


def _on_begin(
    kind: Kind, original: Callable[..., Any], callbacks: Any, *args: Any, **kwargs: Any
) -> Any:
    result = original(callbacks, *args, **kwargs)
    active = _current(kind)
    for _, reading in active.readings if active else ():
        reading.begin()
        if kind != "fit":
            reading.begin_epoch()
    return result


def _on_epoch_begin(original: Callable[..., Any], callbacks: Any, *args: Any, **kwargs: Any) -> Any:
    result = original(callbacks, *args, **kwargs)
    active = _current("fit")
    for _, reading in active.readings if active else ():
        reading.begin_epoch()
    return result


def _on_step_end(
    kind: Kind, original: Callable[..., Any], callbacks: Any, *args: Any, **kwargs: Any
) -> Any:
    active = _current(kind)
    if active is not None and kind == "fit":
        _stop_if_late(active)
    for _, reading in active.readings if active else ():
        if reading.asleep:
            reading.slept()
        else:
            reading.stepped()
    return original(callbacks, *args, **kwargs)


def _stop_if_late(active: _Active) -> None:
    ran_s = time.perf_counter() - active.began
    for observer, reading in active.readings:
        limit = getattr(observer, "stop_after_seconds", None)
        if limit is not None and ran_s > limit and not active.call.model.stop_training:
            active.call.model.stop_training = True
            reading.book.note(f"fit was asked to stop after {limit:g} seconds")


def _on_epoch_end(original: Callable[..., Any], callbacks: Any, *args: Any, **kwargs: Any) -> Any:
    active = _current("fit")
    if active is None or not active.readings:
        return original(callbacks, *args, **kwargs)
    model = active.call.model
    for _, reading in active.readings:
        reading.end_epoch(stopped=bool(getattr(model, "stop_training", False)))
    result = original(callbacks, *args, **kwargs)
    history = getattr(getattr(model, "history", None), "history", {})
    latest = {name: values[-1] for name, values in history.items() if values}
    for observer, reading in active.readings:
        reading.metrics(latest)
        limit = getattr(observer, "stop_after_epochs", None)
        if limit is not None and len(getattr(model.history, "epoch", ())) >= limit:
            model.stop_training = True
    return result


def _on_end(
    kind: Kind, original: Callable[..., Any], callbacks: Any, *args: Any, **kwargs: Any
) -> Any:
    active = _current(kind)
    if active is not None and kind != "fit":
        stopped = bool(getattr(active.call.model, _STOPS[kind], False))
        logs = args[0] if args else kwargs.get("logs")
        for _, reading in active.readings:
            reading.end_epoch(stopped=stopped)
            reading.metrics(logs or {})
    return original(callbacks, *args, **kwargs)
