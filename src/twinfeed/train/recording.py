"""Epochs of a feed held as arrays, so that trainings with paired seeds see the same draws."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np

from twinfeed._core.batch import Array, Batch, Tree
from twinfeed._core.feed import Feed
from twinfeed._core.spec import spec_of
from twinfeed.errors import TrainError
from twinfeed.train.outcome import Epoch

Shape: TypeAlias = "str | dict[str, Shape] | list[Shape] | None"
"""A tree of paths in place of arrays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Some epochs of one build of a feed, all rows in the order read.

    Attributes:
        columns: Every leaf by its path, shape ``(rows, ...)``.
        trees: How ``x``, ``y`` and ``weight`` are made of the leaves; ``None`` where absent.
        main: Path of the main input.
        sizes: Examples of each batch, per epoch.
        ids: Names of the rows where the library knows them, else ``None``.
        plain: The main input of the feed without its random augmentation, and the names of these
            rows; ``None`` where the library cannot be asked for it.
    """

    columns: dict[str, Array]
    trees: tuple[Shape, Shape, Shape]
    main: str
    sizes: tuple[tuple[int, ...], ...]
    ids: Array | None = None
    plain: tuple[Array, Array] | None = None

    @property
    def bounds(self) -> list[tuple[int, int]]:
        """First row and the one behind the last, per epoch."""
        return list(pairwise(accumulate((sum(sizes) for sizes in self.sizes), initial=0)))

    def tree(self, part: int, columns: dict[str, Array]) -> Any:
        """``x`` (0), ``y`` (1) or ``weight`` (2) made of these columns."""
        return _filled(self.trees[part], columns)

    def unaugmented(self, rows: Array) -> Array:
        """The main input of rows without random augmentation, as it came where that is unknown."""
        shown = np.array(self.columns[self.main][rows])
        if self.plain is None or self.ids is None:
            return shown
        values, names = self.plain
        order = np.argsort(names)
        wanted = self.ids[rows]
        at = np.searchsorted(names[order], wanted).clip(max=len(names) - 1)
        known = names[order[at]] == wanted
        shown[known] = values[order[at[known]]]
        return shown

    def feed(self, name: str, columns: dict[str, Array] | None = None) -> Feed:
        """The recording as a feed again, epoch after epoch; begins anew when all were read."""
        held, epochs = columns or self.columns, self.bounds
        counter = iter(_cycle(len(epochs)))

        def open_epoch() -> Iterator[Batch]:
            number = next(counter)
            low = epochs[number][0]
            for size in self.sizes[number]:
                cut = {path: array[low : low + size] for path, array in held.items()}
                yield Batch(
                    self.tree(0, cut), self.tree(1, cut), self.tree(2, cut),
                    None if self.ids is None else self.ids[low : low + size],
                )  # fmt: skip
                low += size

        return Feed(
            name=name,
            open_epoch=open_epoch,
            batches=len(self.sizes[0]),
            examples=sum(self.sizes[0]),
        )

    def save(self, folder: Path) -> None:
        """Write it to a folder, one file per leaf; the description comes last."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, array in enumerate(self.columns.values()):
            np.save(folder / f"{number}.npy", array, allow_pickle=False)
        if self.ids is not None:
            np.save(folder / "ids.npy", self.ids, allow_pickle=False)
        if self.plain is not None:
            np.save(folder / "plain.npy", self.plain[0], allow_pickle=False)
            np.save(folder / "plain_ids.npy", self.plain[1], allow_pickle=False)
        told = {
            "paths": list(self.columns),
            "trees": self.trees,
            "main": self.main,
            "sizes": self.sizes,
        }
        (folder / "recording.json").write_text(json.dumps(told), "utf-8")

    @staticmethod
    def load(folder: Path) -> Recording:
        """Read what ``save`` wrote; arrays stay on disk until they are used."""
        told = json.loads((folder / "recording.json").read_text("utf-8"))

        def array(name: str) -> Array:
            return np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)

        has_plain = (folder / "plain.npy").exists()
        return Recording(
            columns={path: array(str(number)) for number, path in enumerate(told["paths"])},
            trees=cast("Any", tuple(told["trees"])),
            main=told["main"],
            sizes=tuple(tuple(sizes) for sizes in told["sizes"]),
            ids=array("ids") if (folder / "ids.npy").exists() else None,
            plain=(array("plain"), array("plain_ids")) if has_plain else None,
        )


def record(
    feed: Feed,
    epochs: int,
    *,
    most_examples: int | None = None,
    say: Callable[[str, int], None] = lambda _what, _count: None,
) -> Recording:
    """Read epochs of a feed into memory.

    Args:
        feed: The feed; the successive epochs of one training of it are read.
        epochs: How many.
        most_examples: Where an epoch without an end is cut.
        say: Called with what is being done and the examples of this epoch.

    Raises:
        TrainError: If its batches are nothing that one network can be trained on.
    """
    rows: dict[str, list[Array]] = {}
    ids: list[Array] = []
    sizes: list[tuple[int, ...]] = []
    trees: tuple[Shape, Shape, Shape] | None = None
    main = ""
    for number in range(epochs):
        epoch: list[int] = []
        for batch in feed.open_epoch():
            if not batch.size:
                continue
            if trees is None:
                trees = (_shape(batch.x, "x"), _shape(batch.y, "y"), _shape(batch.weight, "weight"))
                main = _main(feed, batch)
            for path, leaf in batch.leaves():
                rows.setdefault(path, []).append(np.array(leaf))
            if batch.ids is not None:
                ids.append(batch.ids)
            epoch.append(batch.size)
            say(f"recording epoch {number + 1}", sum(epoch))
            if most_examples is not None and sum(epoch) >= most_examples:
                break
        sizes.append(tuple(epoch))
    if trees is None or not all(sizes):
        empty = sizes.index(()) + 1 if () in sizes else 1
        raise TrainError(
            f"{feed.name}, whose epoch {empty} has no example",
            f"{epochs} epochs to train on",
            "a feed that can be read only once needs a function that makes it anew",
        )
    total = sum(map(sum, sizes))
    named = len(ids) > 0 and sum(map(len, ids)) == total
    return Recording(
        columns={path: _joined(feed.name, path, parts, total) for path, parts in rows.items()},
        trees=trees,
        main=main,
        sizes=tuple(sizes),
        ids=np.concatenate(ids).astype(np.str_) if named else None,
        plain=_plain(feed, main, say),
    )


def from_epochs(epochs: Sequence[Epoch], *, main: str, ids: Array | None) -> Recording:
    """Epochs as they are trained on, as a recording.

    Args:
        epochs: The epochs, of one structure.
        main: Path of the main input.
        ids: Names of all rows.
    """
    first = Batch(epochs[0].x, epochs[0].y, epochs[0].weight)
    rows: dict[str, list[Array]] = {}
    for epoch in epochs:
        for path, leaf in Batch(epoch.x, epoch.y, epoch.weight).leaves():
            rows.setdefault(path, []).append(leaf)
    trees = _shape(first.x, "x"), _shape(first.y, "y"), _shape(first.weight, "weight")
    return Recording(
        columns={path: np.concatenate(parts) for path, parts in rows.items()},
        trees=trees,
        main=main,
        sizes=tuple(epoch.sizes for epoch in epochs),
        ids=ids,
    )


def _plain(feed: Feed, main: str, say: Callable[[str, int], None]) -> tuple[Array, Array] | None:
    if feed.plain is None:
        return None
    values: list[Array] = []
    names: list[Array] = []
    for batch in feed.plain().open_epoch():
        leaf = dict(batch.leaves()).get(main)
        if leaf is None or batch.ids is None:
            return None
        values.append(np.array(leaf))
        names.append(batch.ids)
        say("recording without augmentation", sum(map(len, values)))
    if not values:
        return None
    return np.concatenate(values), np.concatenate(names).astype(np.str_)


def _joined(name: str, path: str, parts: list[Array], total: int) -> Array:
    shapes = {part.shape[1:] for part in parts}
    if len(shapes) > 1 or sum(map(len, parts)) != total or parts[0].dtype == object:
        what = "another shape in every batch" if len(shapes) > 1 else "no plain array in each batch"
        raise TrainError(
            f"{name}, whose {path} has {what}",
            "arrays of one shape, which a network can be trained on",
            "resize or pad the examples to one shape",
        )
    return np.concatenate(parts)


def _main(feed: Feed, batch: Batch) -> str:
    main = spec_of(batch).main
    if main is None:
        raise TrainError(
            f"{feed.name}, which has no input made of numbers",
            "an array to train on",
            "twinfeed diff compares such feeds without a training",
        )
    return main.path


def _shape(tree: Tree | None, path: str) -> Shape:
    if tree is None:
        return None
    if isinstance(tree, dict):
        return {key: _shape(branch, f'{path}["{key}"]') for key, branch in tree.items()}
    if isinstance(tree, tuple):
        return [_shape(branch, f"{path}[{index}]") for index, branch in enumerate(tree)]
    return path


def _filled(shape: Shape, columns: dict[str, Array]) -> Any:
    if shape is None:
        return None
    if isinstance(shape, dict):
        return {key: _filled(branch, columns) for key, branch in shape.items()}
    if isinstance(shape, list):
        return tuple(_filled(branch, columns) for branch in shape)
    return columns[shape]


def _cycle(count: int) -> Iterator[int]:
    while True:
        yield from range(count)
