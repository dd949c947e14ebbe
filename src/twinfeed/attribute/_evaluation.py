"""The examples that every network is evaluated on, written as each one was trained."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.attribute._forms import with_channels
from twinfeed.attribute._world import World
from twinfeed.errors import NothingInCommonError, TrainError
from twinfeed.train.outcome import Epoch
from twinfeed.train.recording import Recording

HELD_SHARE = 0.2
LEAST_HELD = 10


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Examples with A's labels, the same for every network of a seed.

    Attributes:
        x: As A writes them, shape ``(examples, ...)``.
        y: A's labels of them.
        x_of_b: As B shows them, for where B's pictures have another size; ``None`` without need.
    """

    x: Array
    y: Array
    x_of_b: Array | None

    def of_a(self, world: World) -> Epoch:
        """As A's network takes them."""
        x = self.x.astype(world.a.columns[world.a.main].dtype, copy=False)
        return Epoch(x=x, y=self.y, weight=None, sizes=(len(x),))

    def of_b(self, world: World, without: AbstractSet[str]) -> Epoch:
        """As a network takes them that was trained on B without these causes."""
        forms = world.forms
        if self.x_of_b is not None and "pictures" not in without:
            x = forms.inputs_of_b(self.x_of_b, without)
        else:
            x = forms.inputs_of_a(self.x, without)
        return Epoch(x=x, y=forms.labels_of(self.y, 0, without), weight=None, sizes=(len(x),))


def hold_out(world: World, share: float = HELD_SHARE) -> Array:
    """Numbers of examples that both feeds have and that a seed keeps out of training."""
    both = np.intersect1d(world.ids.a[world.ids.a >= 0], world.ids.b[world.ids.b >= 0])
    count = int(len(both) * share)
    if count < LEAST_HELD:
        raise NothingInCommonError(
            f"feeds that have {len(both)} examples in common",
            f"at least {int(LEAST_HELD / share)}, so that some can be held out to evaluate on",
            "name a feed to evaluate on: --evaluate file.py:make_test_feed",
        )
    return np.sort(np.random.default_rng((world.seed, 1)).permutation(both)[:count])


def held_out(world: World) -> Evaluation:
    """The examples that are kept out of training, as A shows them, unaugmented where possible."""
    rows = _rows(world.ids.a, world.held)
    x = world.a.unaugmented(rows)
    y_path = world.a.trees[1]
    if not isinstance(y_path, str):
        raise TrainError(
            "feeds of several targets, or without targets",
            "one target per example",
            "twinfeed diff compares such feeds without a training",
        )
    other = sizes_differ(world)
    x_of_b = world.b.unaugmented(_rows(world.ids.b, world.held)) if other else None
    return Evaluation(x, world.a.columns[y_path][rows], x_of_b)


def sizes_differ(world: World) -> bool:
    """Whether A and B show their examples in other sizes, which no change of form makes one."""
    a, b = (one.columns[one.main].shape[1:-1] for one in (world.a, world.b))
    return a != b and world.forms.first[0] == world.forms.first[1]


def given(recording: Recording, world: World) -> Evaluation:
    """A feed of the user's, one epoch of it, written as A's.

    Raises:
        TrainError: If its examples or labels are not of A's shape.
    """
    x, y_path = recording.columns[recording.main], recording.trees[1]
    wanted = world.a.columns[world.a.main].shape[1:]
    if x.ndim == 4 and x.shape[1:3] == wanted[:2] and x.shape[-1] in {1, 3}:
        x = with_channels(x, wanted[-1])
    if x.shape[1:] != wanted or not isinstance(y_path, str):
        raise TrainError(
            f"an evaluation feed with inputs of shape {x.shape[1:]}",
            f"inputs as A's, of shape {wanted}, with one target",
            "prepare the evaluation examples as A prepares its own",
        )
    y, own = recording.columns[y_path], world.a.trees[1]
    if isinstance(own, str) and world.forms.labels[0] != "values":
        y = _like(y, world.a.columns[own], world.forms.classes)
    return Evaluation(x, y, None)


def _like(y: Array, own: Array, classes: int) -> Array:
    numbers = y.argmax(axis=-1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y))
    if own.ndim == 2 and own.shape[1] > 1:
        return np.eye(classes, dtype=own.dtype)[numbers.astype(int)]
    return numbers.reshape(len(y), *[1] * (own.ndim - 1)).astype(own.dtype)


def _rows(numbers: Array, wanted: Array) -> Array:
    names, first = np.unique(numbers, return_index=True)
    return first[np.searchsorted(names, wanted)]
