"""Which rows hold the same example: by name, else by content, likeness, wholes, or place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Rows, Trace
from twinfeed.diff._pairing._by_place import known_places, same_labels, same_places
from twinfeed.diff._pairing._by_wholes import by_parts, by_ranks, by_runs, by_scale, by_values
from twinfeed.diff._pairing._found import Clues
from twinfeed.diff._pairing._in_gaps import in_gaps
from twinfeed.diff._pairing._likeness import match
from twinfeed.diff._pairing._pairs import Pairs, common
from twinfeed.diff._pairing._signatures import plain_signatures, spread_signatures

_OWN = 0.9  # share of different examples in a pass that can be paired by place
_BY_PLACE = 0.99  # share of such pairs that is taken to be right
ENOUGH_AGAIN = 600
"""Changed examples of an epoch that are looked for in another one."""
_COMMON_NAMES = 0.1  # share of names in common above which the two feeds name alike
_AS_NAMED = 0.5  # of the contents that both have, the share that must bear one name in both


def pair_sides(left: Trace, right: Trace) -> Pairs:
    """Pair the first epochs of two feeds."""
    passes: list[_Pass] = []
    for trace in (left, right):
        rows = _first(trace)
        passes.append(_Pass(rows, trace.rows, plain_signatures(trace, rows)))
    found = by_parts(left, right, _pair(*passes))
    if not found.recognised:
        found = by_scale(left, right, found)
    if found.recognised:
        found = by_runs(left, right, found)
        return _between_the_same(left, right, passes, found)
    moved = by_values(left, right, found) or by_ranks(left, right, found)
    if moved:
        return moved
    found = by_runs(left, right, found)
    if found.recognised:
        return found
    return _by_place(*passes) or _by_place_spread(left, right, passes) or found


def _by_place_spread(left: Trace, right: Trace, passes: Sequence[_Pass]) -> Pairs | None:
    """Place by place, told by values from all over each example."""
    views = [
        spread_signatures(trace, side.rows)
        for trace, side in zip((left, right), passes, strict=True)
    ]
    if views[0] is None or views[1] is None:
        return None
    return _by_place(replace(passes[0], views=views[0]), replace(passes[1], views=views[1]))


def _between_the_same(left: Trace, right: Trace, passes: Sequence[_Pass], found: Pairs) -> Pairs:
    """The pairs found, and what is left over at the same places between them."""
    here, there = passes
    if found.method == "id":
        return found
    gaps = in_gaps(
        (left, here.rows, here.views),
        (right, there.rows, there.views),
        (found.left, found.right),
        certain=_between_equal_ones(here, there),
    )
    if not len(gaps):
        return found
    method = "likeness" if found.method == "content" else found.method
    wrong = (1 - _BY_PLACE) * len(gaps)
    return found.also(here.rows[gaps], there.rows[gaps], method, wrong=wrong)


def _by_place(left: _Pass, right: _Pass) -> Pairs | None:
    """Place by place, where both feeds show the same list in the same order."""
    for side in (left, right):
        contents = side.ledger.content[side.rows]
        if len(np.unique(contents)) < _OWN * len(contents):
            return None  # what repeats itself is alike at the same places whatever it shows
    labels = _labels(left, right)
    count = len(left.rows)
    if not _between_equal_ones(left, right) and not same_places(left.views, right.views, labels):
        count = 0 if _counts(left) else same_labels(*labels)
    if not count:
        return None
    known = left.rows[:count], right.rows[:count]
    return Pairs(*known, "place", _BY_PLACE, left.rows, right.rows)


def _between_equal_ones(left: _Pass, right: _Pass) -> bool:
    """Whether examples that are equal bit for bit stand at the same places, between all the others."""
    here, there = common(left.ledger.content[left.rows], right.ledger.content[right.rows])
    order = np.argsort(here, kind="stable")
    return known_places(here[order], there[order], _labels(left, right))


def _counts(side: _Pass) -> bool:
    """Whether labels only number the examples, as those of any other list would too."""
    steps = np.diff(side.ledger.label[side.rows])
    return bool(np.isfinite(steps).all()) and bool(np.allclose(steps, steps[:1]))


def _labels(left: _Pass, right: _Pass) -> tuple[Array, Array]:
    return left.ledger.label_key[left.rows], right.ledger.label_key[right.rows]


def pair_epochs(trace: Trace, first: int, second: int) -> Pairs:
    """Pair two epochs of one feed."""
    one, other = (
        _Pass(rows, trace.rows, trace.rows.signature[rows])
        for rows in (trace.rows_of(first), trace.rows_of(second))
    )
    found = _pair(one, other, most=ENOUGH_AGAIN, ahead=trace.shown)
    if len(found) >= ENOUGH_AGAIN or found.recognised:
        return found
    if trace.main is not None and not trace.main.is_image:
        found = by_parts(trace, trace, found)
        if found.recognised:
            return found
    return by_values(trace, trace, found) or _by_place(one, other) or found


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
        common_names = len(a) >= _COMMON_NAMES * min(len(ids[0]), len(ids[1]))
        if common_names and _name_the_same(left, right, a, b):
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


def _name_the_same(left: _Pass, right: _Pass, a: Array, b: Array) -> bool:
    """Whether contents that both have bear one name in both: numbers may count two orders.

    Args:
        left: One pass.
        right: The other.
        a: Places of the names in the one.
        b: Places of the same names in the other.
    """
    here, there = left.ledger.content[left.rows][a], right.ledger.content[right.rows]
    known = np.isin(here, there)
    if len(np.unique(here[known])) < _AS_NAMED * len(a):
        return True
    return float((here == there[b])[known].mean()) >= _AS_NAMED


def _some(rows: Array, places: Array, most: int, ahead: Array | None) -> Array:
    """So many of the places, evenly spread: first those of the rows that go ahead."""
    first = np.isin(rows[places], np.zeros(0, int) if ahead is None else ahead)
    some = places[first][:most]
    others = places[~first]
    count = min(len(others), most - len(some))
    return np.sort(
        np.concatenate([some, others[np.linspace(0, len(others) - 1, count).astype(int)]])
    )
