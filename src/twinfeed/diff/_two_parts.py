"""Two parts of one set: told by names or contents, else by the files of the folder that both read."""

from __future__ import annotations

import numpy as np

from twinfeed.diff._remembered import remembered
from twinfeed.diff._replay._every_file import every_file
from twinfeed.diff._streams._two_draws import (
    LEAST,
    TwoDraws,
    all_classes,
    have_their_own,
    may_drop,
    told_apart_by,
    two_draws,
)
from twinfeed.diff._twins import SIDES, Twins


@remembered
def two_parts(twins: Twins) -> TwoDraws | None:
    """What two parts have in common; ``None`` where neither has examples of its own."""
    found = two_draws(twins)
    return _by_files(twins) if found is None and told_apart_by(twins) == "content" else found


def _by_files(twins: Twins) -> TwoDraws | None:
    """The same of one folder's files, where pictures were made from them in two ways."""
    if len(twins.pairs) == min(len(twins.pairs.left_rows), len(twins.pairs.right_rows)):
        return None  # nothing is left over
    files = every_file(twins)
    if files is None:
        return None
    left, right = (set(files[name].values()) for name in SIDES)
    both = left & right
    common = len(both)
    lacking = max(len(left), len(right)) - common
    if common < LEAST or not have_their_own(common, len(left), len(right)):
        return None
    if all(may_drop(twins.side(name), lacking) for name in SIDES):
        return None
    for name in SIDES:
        trace, known = twins.side(name), files[name]
        rows = trace.rows.label_key[np.array(list(known), int)]
        if not all_classes(trace, rows, np.array([file in both for file in known.values()])):
            return None
    return TwoDraws(common, len(left), len(right), "file")
