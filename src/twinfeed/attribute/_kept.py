"""Results of trainings by what they were trained on: one that comes again is not trained again.

Taking a cause away often leaves batches that another arm has as well, such as a frozen
augmentation where there is none left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import xxhash

from twinfeed._core.whole_file import whole_file
from twinfeed.train.outcome import Epoch, Trained


class Kept:
    """What a training of a seed came to, found by the bytes that it is given.

    Args:
        folder: Of the seed, whose first weights and dropout are one.
        given: The epochs to train on and the one to evaluate on.
        own_model: Whether the model is another one than that of other arms.
    """

    def __init__(self, folder: Path, given: Iterable[Epoch], *, own_model: bool) -> None:
        self._folder = folder
        self._given = given
        self._own_model = own_model

    def read(self) -> Trained | None:
        """The result without times, if the same was trained before."""
        try:
            told = json.loads(self._file.read_text("utf-8"))
        except FileNotFoundError:
            return None
        return Trained(metrics={name: tuple(v) for name, v in told.items()}, epoch_s=())

    def write(self, trained: Trained) -> None:
        """Keep a result; whole or not at all, since two processes may come to the same."""
        with whole_file(self._file) as file:
            file.write(json.dumps(trained.metrics).encode())

    @cached_property
    def _file(self) -> Path:
        told = xxhash.xxh3_128()
        for epoch in self._given:
            told.update(repr(epoch.sizes).encode())
            for part in (epoch.x, epoch.y, epoch.weight):
                _add(told, part)
        return self._folder / f"{told.hexdigest()}{'-own' * self._own_model}.json"


def _add(told: Any, tree: Any) -> None:
    if isinstance(tree, dict):
        for key, branch in cast("dict[str, Any]", tree).items():
            told.update(key.encode())
            _add(told, branch)
    elif isinstance(tree, tuple):
        for branch in cast("tuple[Any, ...]", tree):
            _add(told, branch)
    else:
        array = np.ascontiguousarray(tree) if tree is not None else np.zeros(0)
        told.update(f"{array.dtype}{array.shape}".encode())
        told.update(array.view(np.uint8) if array.dtype.kind in "biufc" else array.tobytes())
