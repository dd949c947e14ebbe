"""Traces of arrays, for tests that need no library."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from twinfeed._core.batch import Array, Batch, Tree
from twinfeed._core.feed import Feed
from twinfeed._core.finding import Finding
from twinfeed._core.trace import Trace
from twinfeed.demo import digits
from twinfeed.diff import CATALOGUE
from twinfeed.diff._measure import Answer
from twinfeed.diff._run import answers
from twinfeed.diff._twins import Twins
from twinfeed.observe import Budget, observe

FAMILIES = ("GEO", "VAL", "PIX", "LBL")
MEASURES = [measure for measure in CATALOGUE.values() if measure.code[:3] in FAMILIES]
_SCANS, _CLASSES = digits.load()
SCANS = _SCANS[..., None]
CLASSES = _CLASSES
COLOURED = np.concatenate([SCANS, 255 - SCANS, SCANS // 2], axis=-1)

Draw = Callable[[Array, np.random.Generator], Array]


def seen(
    x: Tree,
    y: Tree | None = None,
    *,
    weight: Tree | None = None,
    seed: int | None = None,
    draw: Draw | None = None,
    ids: Array | None = None,
    batch_size: int = 32,
    keep_bytes: int = 96 << 20,
) -> Trace:
    """Observe arrays, in a new order each epoch where ``seed`` is given, augmented by ``draw``."""
    random = np.random.default_rng(seed)
    count = Batch(x).size

    def open_epoch() -> Iterator[Batch]:
        order = np.arange(count) if seed is None else random.permutation(count)
        for start in range(0, count, batch_size):
            at = order[start : start + batch_size]
            inputs = _taken(x, at)
            if draw is not None and isinstance(inputs, np.ndarray):
                inputs = draw(inputs, random)
            yield Batch(
                inputs,
                None if y is None else _taken(y, at),
                None if weight is None else _taken(weight, at),
                None if ids is None else ids[at],
            )

    budget = Budget(timing_s=0.01, keep_bytes=keep_bytes)
    return observe(Feed(name="arrays", open_epoch=open_epoch), budget=budget)


def _taken(tree: Tree, at: Array) -> Tree:
    if isinstance(tree, dict):
        return {key: _taken(branch, at) for key, branch in tree.items()}
    if isinstance(tree, tuple):
        return tuple(_taken(branch, at) for branch in tree)
    return tree[at]


def findings(left: Trace, right: Trace) -> dict[str, Finding]:
    """What these families find, by code; both ways round must give the same codes."""
    forth, back = (
        {one.code: one for one in _said(Twins(*sides)) if isinstance(one, Finding)}
        for sides in ((left, right), (right, left))
    )
    assert set(forth) == set(back)
    return forth


def _said(twins: Twins) -> Iterator[Answer]:
    return (answer for measure in MEASURES for answer in answers(measure, twins))


def flipped(x: Array, random: np.random.Generator) -> Array:
    """Half of the images mirrored."""
    mirrored = random.random(len(x)) < 0.5
    return np.where(mirrored[:, None, None, None], x[:, :, ::-1], x)


def cropped(x: Array, random: np.random.Generator) -> Array:
    """Mirrored, and each image shifted by up to one pixel."""
    shifts = random.integers(-1, 2, size=(len(x), 2))
    moved = [np.roll(image, tuple(by), axis=(0, 1)) for image, by in zip(x, shifts, strict=True)]
    return flipped(np.stack(moved), random)


def brightened(x: Array, random: np.random.Generator) -> Array:
    """Mirrored, and a fifth of the range added or taken away."""
    amount = random.uniform(-0.2, 0.2, (len(x), 1, 1, 1)) * (255 if x.max() > 2 else 1)
    return flipped((x + amount).astype(np.float32), random)
