"""Looking at one batch: keys, coarse views and counts. Order-free and safe in any thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import xxhash

from twinfeed._core.batch import Array, Batch, SparseRow
from twinfeed._core.spec import FeedSpec, LeafSpec, leaf_spec, spec_of
from twinfeed.stats.coarse import SIGNATURE_SIDE, channels_last, grid, looks, signatures
from twinfeed.stats.values import ValueCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look at a batch found. Columns as in ``Rows``.

    Attributes:
        spec: The batch's own spec.
        main: The main input as the feed gave it, or ``None``; shares the batch's memory.
        keys: What decides which examples are kept: how a picture looks, else the content's hash.
        counts: Values counted per dense leaf.
    """

    size: int
    spec: FeedSpec
    main: Array | None
    keys: Array
    content: Array
    id: Array
    label: Array
    label_peak: Array
    label_sum: Array
    label_key: Array
    signature: Array
    label_view: Array
    counts: tuple[ValueCounts, ...]


def look(batch: Batch, *, every_value: bool = False) -> Seen:
    """Look at a batch: hash each example, take its coarse view, count values.

    Args:
        batch: The batch; nothing of it is kept but ``Seen.main``.
        every_value: Count every value instead of a grid of 64 rows and columns per image.
    """
    spec = spec_of(batch)
    leaves = dict(batch.leaves())
    inputs = [leaf for leaf in spec.part("x") if leaf.kind != "opaque"]
    main = spec.main
    content = hash_rows([leaves[leaf.path] for leaf in inputs], batch.size)
    ids = np.zeros(batch.size, np.uint64) if batch.ids is None else hash_ids(batch.ids)
    grids = {leaf.path: grid(leaves[leaf.path], leaf) for leaf in spec.leaves if leaf.is_countable}
    views = signatures(grids[main.path], main) if main else np.zeros((batch.size, 0), np.uint8)
    targets = spec.part("y")
    label, peak, total = _labels(leaves[targets[0].path] if targets else None, batch.size)
    return Seen(
        size=batch.size,
        spec=spec,
        main=leaves[main.path] if main else None,
        keys=looks(views, content) if _is_picture(main, views) else content,
        content=content,
        id=ids,
        label=label,
        label_peak=peak,
        label_sum=total,
        label_key=hash_rows([leaves[leaf.path] for leaf in targets], batch.size),
        signature=views,
        label_view=_label_view(leaves[targets[0].path] if targets else None, batch.size),
        counts=tuple(
            _count(leaves[leaf.path], grids[leaf.path], leaf, every_value=every_value)
            for leaf in spec.leaves
            if leaf.is_countable
        ),
    )


def _is_picture(main: LeafSpec | None, views: Array) -> bool:
    return main is not None and main.is_image and views.shape[1] == SIGNATURE_SIDE**2


def hash_rows(leaves: list[Array], size: int) -> Array:
    """One hash per example over all leaves, uint64, shape ``(size,)``; 0 without leaves."""
    if not leaves:
        return np.zeros(size, np.uint64)
    columns = [_hash_leaf(leaf) for leaf in leaves]
    if len(columns) == 1:
        return columns[0]
    joined = np.ascontiguousarray(np.stack(columns, axis=1))
    return np.fromiter(map(xxhash.xxh3_64_intdigest, joined), np.uint64, size)


def hash_ids(ids: Array) -> Array:
    """One hash per name, never 0, uint64."""
    names = (str(name).encode() for name in ids.tolist())
    found = np.fromiter(map(xxhash.xxh3_64_intdigest, names), np.uint64, len(ids))
    return np.where(found == 0, np.uint64(1), found)


def _hash_leaf(leaf: Array) -> Array:
    return np.fromiter(map(xxhash.xxh3_64_intdigest, _raw_rows(leaf)), np.uint64, len(leaf))


def _raw_rows(leaf: Array) -> Iterable[Any]:
    """Something with the bytes of each example."""
    if leaf.dtype == object:
        return map(_bytes_of, leaf.reshape(len(leaf), -1))
    if not leaf[:1].size:
        return [b""] * len(leaf)
    if leaf.ndim in {2, 3}:
        return map(_unpadded, leaf)
    return np.ascontiguousarray(leaf).reshape(len(leaf), -1).view(np.uint8)


def _unpadded(values: Array) -> bytes:
    """A row or sequence without the zeros at its end: its batch decides how many there are.

    A sequence of vectors, as sound is, gets whole vectors of zeros and is told alike.
    """
    return values.tobytes().rstrip(b"\0")


def _bytes_of(row: Array) -> bytes:
    parts: list[bytes] = []
    for item in cast("list[Any]", row.tolist()):
        if isinstance(item, bytes):
            parts.append(item)
        elif isinstance(item, np.ndarray):
            inner = cast("Array", item)
            if inner.ndim == 1 and inner.dtype != object:
                parts.append(_unpadded(inner))
                continue
            parts.append(repr(inner.shape).encode() + np.ascontiguousarray(inner).tobytes())
        elif isinstance(item, SparseRow):
            parts.append(repr(item.shape).encode() + item.indices.tobytes() + item.values.tobytes())
        else:
            parts.append(repr(cast("type[object]", type(item))).encode())
    return b"\0".join(parts)


def _count(array: Array, sampled: Array, leaf: LeafSpec, *, every_value: bool) -> ValueCounts:
    image = channels_last(array, leaf) if leaf.is_image else array
    chosen = image if every_value else sampled
    channels = image.shape[-1] if leaf.is_image else 1
    counts = ValueCounts(leaf.path, channels, sampled=chosen.size < image.size)
    counts.add(np.ascontiguousarray(chosen.astype(np.uint8) if chosen.dtype == bool else chosen))
    return counts


def _label_view(leaf: Array | None, size: int) -> Array:
    """Coarse views of masks; of planes with a class each, the number of the plane is drawn."""
    spec = None if leaf is None else leaf_spec("y", leaf)
    if leaf is None or spec is None or not spec.is_countable or leaf.ndim not in {3, 4}:
        return np.zeros((size, 0), np.uint8)
    masks: Array = leaf.reshape(*leaf.shape[:3], -1)
    if masks.shape[1] < min(masks.shape[2:]):
        masks = np.moveaxis(masks, 1, -1)  # torch's planes come first
    picture = replace(spec, shape=(*masks.shape[1:3], 1))
    points = grid(masks, picture)
    if masks.shape[-1] > 1:
        number = np.arange(1, masks.shape[-1] + 1, dtype=np.float32)
        points = np.asarray(points.astype(np.float32) @ number)[..., None]
    return signatures(points, picture)


def _labels(leaf: Array | None, size: int) -> tuple[Array, Array, Array]:
    nothing = np.full(size, np.nan)
    if (
        not size
        or leaf is None
        or leaf_spec("y", leaf).kind != "dense"
        or leaf.dtype.kind not in "biuf"
    ):
        return nothing, nothing, nothing
    flat = leaf.reshape(size, -1)
    if leaf.ndim > 2 or not flat[:1].size:  # a mask or another picture: its hash says enough
        return nothing, nothing, nothing
    values = flat.astype(np.float64)
    label = values[:, 0] if values.shape[1] == 1 else values.argmax(axis=1).astype(np.float64)
    return label, values.max(axis=1), values.sum(axis=1)
