"""``twinfeed.Tap``: the tap as a Keras callback."""

from __future__ import annotations

import os
import warnings
import weakref
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from twinfeed._core.optional import require
from twinfeed._core.trace import Trace
from twinfeed.observe._calls import Call
from twinfeed.observe._frameworks import _keras_seam
from twinfeed.observe._reading import Reading
from twinfeed.observe.budget import Budget
from twinfeed.observe.tap import Watch
from twinfeed.observe.twinfile import check_target, save

if TYPE_CHECKING:
    from twinfeed.observe._frameworks._board import Board


class Tap(keras.callbacks.Callback):  # pyright: ignore[reportUntypedBaseClass]
    """Records what reaches the train step of the calls that it is given to.

    The training is not changed: same batches, same weights. When the call returns, the file is
    written, whole or not at all; when it raises or is interrupted, what was recorded until
    then is written and marked as partial, and the error goes on.

    Args:
        path: The ``.twin`` file; an earlier trace there is replaced, anything else is refused.
        budget: How much is looked at and kept.
        every_value: Count every value instead of a sample of each image.
        tensorboard: A folder for TensorBoard: times per batch and epoch, the pictures of the first
            batch as the model is given them, histograms of the values, and the findings of
            ``twinfeed.lint``.

    Raises:
        TwinFileError: If ``path`` cannot be written to without losing something.
        KerasVersionError: If this version of Keras cannot be watched.
        MissingLibraryError: If ``tensorboard`` is given and TensorBoard is not installed.

    Example:
        >>> model.fit(dataset, callbacks=[twinfeed.Tap("run.twin")])  # doctest: +SKIP
    """

    async_safe = True  # it asks for no batches, so Keras need not wait for it

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        budget: Budget | None = None,
        every_value: bool = False,
        tensorboard: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__()
        self.path = check_target(path)
        board = None if tensorboard is None else _board(Path(tensorboard))
        self._observer = _SavingWatch(self, board, budget=budget, every_value=every_value)
        _keras_seam.install()
        weakref.finalize(self, _keras_seam.uninstall)

    @property
    def twinfeed_observer(self) -> _SavingWatch:
        """Who is told of the calls that this callback is given to."""
        return self._observer

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Say so where the call cannot be seen."""
        del logs
        if not self._observer.running:
            warnings.warn(
                f"{self.path} will not be written: this model's fit is not Keras's own,"
                " so the batches that it trains on cannot be recorded",
                stacklevel=2,
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Show the epoch on the board, if there is one."""
        del epoch, logs
        self._observer.show()

    def traces(self) -> tuple[Trace, ...]:
        """What was recorded so far."""
        return self._observer.watch.traces()


class _SavingWatch:
    """Saves when the outermost call ends, and shows on the board what there is until then."""

    def __init__(
        self, tap: Tap, board: Board | None, *, budget: Budget | None, every_value: bool
    ) -> None:
        self._tap = weakref.ref(tap)
        self._board = board
        self._begun: set[str] = set()
        self.watch = Watch(
            budget=budget,
            every_value=every_value,
            progress=None if board is None else self._stepped,
        )
        self.running = 0

    def show(self) -> None:
        """Write the epochs that have ended."""
        if self._board is not None:
            self._board.update(self.watch.traces())

    def _stepped(self, what: str, examples: int) -> None:
        """After the first step of each role, its pictures are those of the first batch."""
        del examples
        role = what.partition(",")[0]
        if role not in self._begun and self._board is not None:
            self._begun.add(role)
            self._board.first_batch(self.watch.traces())

    def open(self, call: Call) -> Reading | None:
        """Start a book, or go on with one."""
        reading = self.watch.open(call)
        self.running += reading is not None
        return reading

    def close(self, call: Call, reading: Reading, error: BaseException | None) -> None:
        """Close the book; save it with the outermost call."""
        self.watch.close(call, reading, error)
        self.running -= 1
        tap = self._tap()
        if not self.running and tap is not None and (traces := self.watch.traces()):
            save(traces, tap.path)
            if self._board is not None:
                self._board.update(traces)
                self._board.judge(traces)


def _board(folder: Path) -> Board:
    require("tensorboard", "write what TensorBoard shows")
    made: Board = import_module("twinfeed.observe._frameworks._board").Board(folder)
    return made
