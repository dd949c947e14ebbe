"""Coarse views of examples without their augmentation, where a trace has those."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec, leaf_spec
from twinfeed._core.trace import Trace
from twinfeed.stats.coarse import VECTOR_VALUES, grid, signatures


def plain_signatures(trace: Trace, rows: Array) -> Array:
    """Views of the rows without augmentation where the trace has them, else as they came."""
    views = trace.rows.signature[rows].copy()
    main = trace.main
    if not len(trace.plain) or main is None or not views.shape[1]:
        return views
    plain = _plain_signatures(trace, main)
    if plain is None or plain.shape[1] != views.shape[1]:
        return views
    order = np.argsort(trace.plain_shown)
    names = trace.plain_shown[order]
    at = np.searchsorted(names, trace.rows.id[rows]).clip(max=len(names) - 1)
    known = names[at] == trace.rows.id[rows]
    views[known] = plain[order[at[known]]]
    return views


def spread_signatures(trace: Trace, rows: Array) -> Array | None:
    """Views of recordings, volumes and clips from values all over each, not from its first ones.

    A recording begins with silence, and a volume with air. ``None`` where not each of the rows
    was kept whole, or where the first values are all of them.
    """
    main, kept = trace.main, trace.kept
    if main is None or main.is_image or not np.isin(rows, kept.row).all():
        return None
    places: list[int] = np.searchsorted(kept.row, rows).tolist()
    some = [kept.values[place].reshape(-1) for place in places]
    sizes = {len(values) for values in some}
    if len(sizes) != 1 or max(sizes) <= VECTOR_VALUES or some[0].dtype.kind not in "biuf":
        return None
    at = np.linspace(0, max(sizes) - 1, VECTOR_VALUES).astype(int)
    return signatures(np.stack([values[at] for values in some]), main)


def _plain_signatures(trace: Trace, main: LeafSpec) -> Array | None:
    if not trace.shows_plain_small:
        return _grey_signatures(trace.plain, main)
    copies = trace.plain_small
    pictures = tuple(copies.picture(at) for at in range(len(copies.row)))
    return _grey_signatures(pictures, leaf_spec(main.path, np.stack(pictures[:1])))


def _grey_signatures(images: tuple[Array, ...], main: LeafSpec) -> Array | None:
    """Coarse views of whole examples, or ``None`` where their shapes differ."""
    if len({image.shape for image in images}) != 1:
        return None
    return signatures(grid(np.stack(images), main), main)
