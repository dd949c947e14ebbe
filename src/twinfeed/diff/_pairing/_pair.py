"""Which rows hold the same example: by name, else by content, likeness, values, parts, or place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec, leaf_spec
from twinfeed._core.trace import Rows, Trace
from twinfeed.diff._pairing._by_lines import same_scaled
from twinfeed.diff._pairing._by_parts import same_parts
from twinfeed.diff._pairing._by_place import known_places, same_places
from twinfeed.diff._pairing._by_points import same_points
from twinfeed.diff._pairing._by_ranks import same_ranks
from twinfeed.diff._pairing._by_values import same_values
from twinfeed.diff._pairing._by_words import same_counts, same_runs
from twinfeed.diff._pairing._found import Clues
from twinfeed.diff._pairing._in_gaps import in_gaps
from twinfeed.diff._pairing._likeness import match
from twinfeed.stats.channel_lines import ChannelLines, channel_lines
from twinfeed.stats.coarse import grid, signatures

_RECOGNISED = 0.5  # share of the shorter pass in pairs below which places are asked as well
_TELLING = 16  # pairs that tell how values were scaled
_POINTS = 4096  # points of each that are asked, evenly spread
_FOLLOWED = 0.05  # share of the variance that a scale may leave, and another resize with it
_TO_THE_BIT = 1e-7  # share of the variance that rounding leaves of a scale
_OWN = 0.9  # share of different examples in a pass that can be paired by place
_BY_PLACE = 0.99  # share of such pairs that is taken to be right
ENOUGH_AGAIN = 600
"""Changed examples of an epoch that are looked for in another one."""
_COMMON_NAMES = 0.1  # share of names in common above which the two feeds name alike


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows of two passes that hold the same example.

    Attributes:
        left: Index into the left trace's rows, shape ``(pairs,)``.
        right: Index into the right trace's rows, shape ``(pairs,)``.
        method: ``id``, ``content``, ``likeness``, ``values``, ``parts``, ``place`` or ``none``: the
            weakest that was needed.
        confidence: Estimated share of the pairs that are right; 1 for names and contents.
        left_rows: Rows of the left pass, paired or not.
        right_rows: Rows of the right pass, paired or not.
        clues: What was done to examples that were told by likeness; ``None`` without any.
        turned: Whether left and right were exchanged since the clues were found.
        sought: Share, above 0, of the left rows whose content did not come again that were looked for.
    """

    left: Array
    right: Array
    method: str
    confidence: float
    left_rows: Array
    right_rows: Array
    clues: Clues | None = None
    turned: bool = False
    sought: float = 1.0

    def __len__(self) -> int:
        return len(self.left)

    @property
    def recognised(self) -> bool:
        """Whether most examples of the shorter pass were told by what they are."""
        shorter = min(len(self.left_rows), len(self.right_rows))
        return self.method not in {"values", "place"} and len(self) >= _RECOGNISED * shorter

    @property
    def swapped(self) -> Pairs:
        """The same with the two traces exchanged."""
        return replace(
            self,
            left=self.right,
            right=self.left,
            left_rows=self.right_rows,
            right_rows=self.left_rows,
            turned=not self.turned,
        )


def pair_sides(left: Trace, right: Trace) -> Pairs:
    """Pair the first epochs of two feeds."""
    passes: list[_Pass] = []
    for trace in (left, right):
        rows = _first(trace)
        passes.append(_Pass(rows, trace.rows, plain_signatures(trace, rows)))
    found = _by_parts(left, right, _pair(*passes))
    if not found.recognised:
        found = _scaled(left, right, found)
    if found.recognised:
        found = _by_runs(left, right, found)
        return _between_the_same(left, right, passes, found)
    moved = _by_values(left, right, found) or _by_ranks(left, right, found)
    if moved:
        return moved
    found = _by_runs(left, right, found)
    return found if found.recognised else _by_place(passes[0], passes[1], found) or found


def _by_parts(left: Trace, right: Trace, found: Pairs) -> Pairs:
    """The pairs found, and of the others those of which a part stayed the same."""
    images = [trace.main is not None and trace.main.is_image for trace in (left, right)]
    if left.main is None or right.main is None or images[0] != images[1] or found.method == "id":
        return found
    if not any(images) and {left.role, right.role} == {"fit", "validation"}:
        return found  # rows of one customer in two parts share much, and are two examples
    places = [
        np.flatnonzero(np.isin(trace.kept.row, np.setdiff1d(rows, paired)))
        for trace, rows, paired in (
            (left, found.left_rows, found.left),
            (right, found.right_rows, found.right),
        )
    ]
    sides = [
        [trace.kept.values[at] for at in alone.tolist()]
        for trace, alone in zip((left, right), places, strict=True)
    ]
    if all(images):
        mains = left.main, right.main
        shown = [_channels_last(side, main) for side, main in zip(sides, mains, strict=True)]
        line = _line_of(left, right, found) if all(sides) else None
        if line is not None:
            shown[0] = [line.gain * picture + line.offset for picture in shown[0]]
        exactly = line is not None and float(line.left_over.max()) < _TO_THE_BIT
        at_left, at_right, doubt = same_points(*shown, exactly=exactly)
    else:
        at_left, at_right = same_parts(*sides)
        doubt = np.zeros(len(at_left))
    if not len(at_left):
        return found
    a = np.concatenate([found.left, left.kept.row[places[0][at_left]]])
    b = np.concatenate([found.right, right.kept.row[places[1][at_right]]])
    order = np.argsort(a, kind="stable")
    wrong = (1 - found.confidence) * len(found) + 0.5 * float(np.square(doubt).sum())
    return replace(
        found, left=a[order], right=b[order], method="parts", confidence=1 - wrong / len(a)
    )


def _between_the_same(left: Trace, right: Trace, passes: Sequence[_Pass], found: Pairs) -> Pairs:
    """The pairs found, and what is left over at the same places between them."""
    here, there = passes
    if found.method == "id":
        return found
    gaps = in_gaps(
        (left, here.rows, here.views), (right, there.rows, there.views), (found.left, found.right)
    )
    if not len(gaps):
        return found
    a = np.concatenate([found.left, here.rows[gaps]])
    b = np.concatenate([found.right, there.rows[gaps]])
    order = np.argsort(a, kind="stable")
    wrong = (1 - found.confidence) * len(found) + (1 - _BY_PLACE) * len(gaps)
    method = "likeness" if found.method == "content" else found.method
    return replace(
        found, left=a[order], right=b[order], method=method, confidence=1 - wrong / len(a)
    )


def _by_runs(left: Trace, right: Trace, found: Pairs) -> Pairs:
    """The pairs found, and of the others those sentences that have runs of words in common."""
    mains = left.main, right.main
    if found.method == "id" or any(main is None or main.is_image for main in mains):
        return found
    if {left.role, right.role} == {"fit", "validation"}:
        return found  # letters of one writer share much, and are two examples
    kept, values = _whole(left, right, found)
    places = [
        np.flatnonzero(~np.isin(rows, paired))
        for rows, paired in zip(kept, (found.left, found.right), strict=True)
    ]
    mine, theirs = same_runs(
        [values[0][at] for at in places[0].tolist()], [values[1][at] for at in places[1].tolist()]
    )
    if not len(mine):
        return found
    a = np.concatenate([found.left, kept[0][places[0][mine]]])
    b = np.concatenate([found.right, kept[1][places[1][theirs]]])
    order = np.argsort(a, kind="stable")
    right_share = 1 - (1 - found.confidence) * len(found) / len(a)
    return replace(found, left=a[order], right=b[order], method="parts", confidence=right_share)


def _channels_last(pictures: Sequence[Array], main: LeafSpec) -> list[Array]:
    axis = 0 if main.channels_first else -1
    return [np.moveaxis(picture, axis, -1) for picture in pictures]


def _line_of(left: Trace, right: Trace, found: Pairs) -> ChannelLines | None:
    """The line from A's values to B's that pictures found so far follow; ``None`` without one."""
    if left.main is None or right.main is None:
        return None
    both = np.isin(found.left, left.kept.row) & np.isin(found.right, right.kept.row)
    points: list[Array] = []
    for trace, rows, main in (
        (left, found.left[both][:_TELLING], left.main),
        (right, found.right[both][:_TELLING], right.main),
    ):
        at: list[int] = np.searchsorted(trace.kept.row, rows).tolist()
        pictures = _channels_last([trace.kept.values[one] for one in at], main)
        if len({picture.shape for picture in pictures}) != 1:
            return None
        flat = np.stack([picture.reshape(-1, picture.shape[-1]) for picture in pictures])
        some = flat[:, :: max(1, flat.shape[1] // _POINTS)]
        points.append(some.reshape(-1, flat.shape[-1]).astype(np.float64))
    if points[0].shape != points[1].shape or not all(np.isfinite(side).all() for side in points):
        return None
    line = channel_lines(*points)
    return line if line is not None and float(line.left_over.max()) < _FOLLOWED else None


def _scaled(left: Trace, right: Trace, found: Pairs) -> Pairs:
    """The pairs found, or more of them where each column of a table was scaled."""
    kept, values = _whole(left, right, found)
    pairs = same_scaled(*values)
    if pairs is None:
        return found
    a, b = _with_copies(left.rows, right.rows, (kept[0][pairs[0]], kept[1][pairs[1]]), found)
    if len(a) <= len(found):
        return found
    return replace(found, left=a, right=b, method="likeness", confidence=1.0)


def _by_values(left: Trace, right: Trace, found: Pairs) -> Pairs | None:
    """By what whole examples hold, wherever it stands in them."""
    kept, values = _whole(left, right, found)
    pairs = same_values(*values)
    if pairs is None:
        return None
    a, b = kept[0][pairs[0]], kept[1][pairs[1]]
    order = np.argsort(a, kind="stable")
    return Pairs(a[order], b[order], "values", 1.0, found.left_rows, found.right_rows)


def _by_ranks(left: Trace, right: Trace, found: Pairs) -> Pairs | None:
    """By the ranks that whole rows have in their columns, or by how often their numbers are there."""
    kept, values = _whole(left, right, found)
    pairs = same_ranks(*values) or same_counts(*values)
    if pairs is None:
        return None
    a, b = _with_copies(left.rows, right.rows, (kept[0][pairs[0]], kept[1][pairs[1]]), found)
    return replace(found, left=a, right=b, method="likeness", confidence=1.0)


def _whole(
    left: Trace, right: Trace, found: Pairs
) -> tuple[tuple[Array, Array], tuple[list[Array], list[Array]]]:
    """The rows of two passes that were kept whole, and their examples."""
    at = [
        np.flatnonzero(np.isin(trace.kept.row, rows))
        for trace, rows in ((left, found.left_rows), (right, found.right_rows))
    ]
    mine, theirs = (
        [trace.kept.values[place] for place in places.tolist()]
        for trace, places in zip((left, right), at, strict=True)
    )
    return (left.kept.row[at[0]], right.kept.row[at[1]]), (mine, theirs)


def _with_copies(
    left: Rows, right: Rows, pairs: tuple[Array, Array], found: Pairs
) -> tuple[Array, Array]:
    """All rows that hold what pairs do, of which one copy was kept: the n-th with the n-th."""
    keys = [rows.content[of] for rows, of in ((left, found.left_rows), (right, found.right_rows))]
    mine, theirs = left.content[pairs[0]], right.content[pairs[1]]
    known = np.isin(keys[0], mine), np.isin(keys[1], theirs)
    order = np.argsort(theirs)
    same = mine[order[np.searchsorted(theirs[order], keys[1][known[1]])]]
    a, b = common(keys[0][known[0]], same)
    return found.left_rows[known[0]][a], found.right_rows[known[1]][b]


def _by_place(left: _Pass, right: _Pass, found: Pairs) -> Pairs | None:
    """Place by place, where both feeds show the same list in the same order."""
    for side in (left, right):
        contents = side.ledger.content[side.rows]
        if len(np.unique(contents)) < _OWN * len(contents):
            return None  # what repeats itself is alike at the same places whatever it shows
    labels = left.ledger.label_key[left.rows], right.ledger.label_key[right.rows]
    known = [
        np.searchsorted(side.rows, rows)
        for side, rows in zip((left, right), (found.left, found.right), strict=True)
    ]
    told = found.method == "content" and known_places(known[0], known[1], labels)
    if not told and not same_places(left.views, right.views, labels):
        return None
    return Pairs(left.rows, right.rows, "place", _BY_PLACE, left.rows, right.rows)


def pair_epochs(trace: Trace, first: int, second: int) -> Pairs:
    """Pair two epochs of one feed."""
    one, other = (
        _Pass(rows, trace.rows, trace.rows.signature[rows])
        for rows in (trace.rows_of(first), trace.rows_of(second))
    )
    found = _pair(one, other, most=ENOUGH_AGAIN, ahead=trace.shown)
    if len(found) >= ENOUGH_AGAIN or found.recognised:
        return found
    return _by_values(trace, trace, found) or _by_place(one, other, found) or found


def pair_more(trace: Trace, rows: Array, other: Trace, sides: Pairs | None = None) -> Pairs:
    """Pair some rows of one feed with the first epoch of another.

    Args:
        trace: The feed; it is left in the pairs.
        rows: Rows of it.
        other: The other one.
        sides: The first epochs of both, paired: what was done to those was done to these.
    """
    theirs = _first(other)
    mine = _Pass(rows, trace.rows, trace.rows.signature[rows])
    whole = _Pass(theirs, other.rows, plain_signatures(other, theirs))
    if sides is None or not sides.turned:
        return _pair(mine, whole, clues=None if sides is None else sides.clues)
    return _pair(whole, mine, clues=sides.clues).swapped


def _first(trace: Trace) -> Array:
    looked = [i for i, epoch in enumerate(trace.epochs) if epoch.looked and epoch.build == 0]
    return trace.rows_of(looked[0]) if looked else np.zeros(0, int)


@dataclass(frozen=True, slots=True)
class _Pass:
    """Rows of one pass in their ledger, with the coarse views to tell them by."""

    rows: Array
    ledger: Rows
    views: Array


def _pair(
    left: _Pass,
    right: _Pass,
    *,
    most: int | None = None,
    ahead: Array | None = None,
    clues: Clues | None = None,
) -> Pairs:
    ids = left.ledger.id[left.rows], right.ledger.id[right.rows]
    if all(len(side) and side.all() for side in ids):
        a, b = common(*ids)
        if len(a) >= _COMMON_NAMES * min(len(ids[0]), len(ids[1])):
            return Pairs(left.rows[a], right.rows[b], "id", 1.0, left.rows, right.rows)
    a, b = common(left.ledger.content[left.rows], right.ledger.content[right.rows])
    rest_a = np.setdiff1d(np.arange(len(left.rows)), a)
    rest_b = np.setdiff1d(np.arange(len(right.rows)), b)
    sought = 1.0
    if most is not None and len(rest_a) > most:
        sought = most / len(rest_a)
        rest_a = _some(left.rows, rest_a, most, ahead)
    found = match(left.views[rest_a], right.views[rest_b], clues)
    exact = len(a)
    a = np.concatenate([a, rest_a[found.left]])
    b = np.concatenate([b, rest_b[found.right]])
    # A pair that is barely clear is right about half the time; one without rival always.
    wrong = float(np.square(found.doubt).sum()) * 0.5
    method = "likeness" if len(found.left) else "content" if exact else "none"
    confidence = 1 - wrong / len(a) if len(a) else 0.0
    order = np.argsort(a, kind="stable")
    return Pairs(
        *(left.rows[a[order]], right.rows[b[order]]),
        *(method, confidence),
        *(left.rows, right.rows),
        found.clues,
        sought=sought,
    )


def _some(rows: Array, places: Array, most: int, ahead: Array | None) -> Array:
    """So many of the places, evenly spread: first those of the rows that go ahead."""
    first = np.isin(rows[places], np.zeros(0, int) if ahead is None else ahead)
    some = places[first][:most]
    others = places[~first]
    count = min(len(others), most - len(some))
    return np.sort(
        np.concatenate([some, others[np.linspace(0, len(others) - 1, count).astype(int)]])
    )


def common(left: Array, right: Array) -> tuple[Array, Array]:
    """Indices of equal keys, one to one: the n-th of a key with the n-th of the same key."""
    a, b = _numbered(left), _numbered(right)
    _, at_left, at_right = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    order = np.argsort(at_left)
    return at_left[order], at_right[order]


def _numbered(keys: Array) -> Array:
    """Each key with how often it came before, as one sortable value."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else order
    occurrence = np.arange(len(keys)) - np.repeat(starts, np.diff(np.r_[starts, len(keys)]))
    numbered = np.zeros(len(keys), [("key", np.uint64), ("n", np.int64)])
    numbered["key"][order], numbered["n"][order] = ordered, occurrence
    return numbered


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


def _plain_signatures(trace: Trace, main: LeafSpec) -> Array | None:
    if not trace.shows_plain_small:
        return grey_signatures(trace.plain, main)
    copies = trace.plain_small
    pictures = tuple(copies.picture(at) for at in range(len(copies.row)))
    return grey_signatures(pictures, leaf_spec(main.path, np.stack(pictures[:1])))


def grey_signatures(images: tuple[Array, ...], main: LeafSpec) -> Array | None:
    """Coarse views of whole examples, or ``None`` where their shapes differ."""
    if len({image.shape for image in images}) != 1:
        return None
    return signatures(grid(np.stack(images), main), main)
