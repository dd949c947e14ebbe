"""How the values of two feeds are scaled: the one decision that three measures speak about.

A named normalisation on each side says most, a line from one to the other less, two ranges
least; only the strongest of them that holds is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.trace import LeafStats, Trace
from twinfeed.diff._image_shape import image_shapes
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, STILL_SHARE, SideName, Twins, kept_index
from twinfeed.diff._values._bent_columns import bent_columns
from twinfeed.diff._values._by_batch import BY_BATCH, by_batch
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._colour_space import colour_space
from twinfeed.diff._values._copied_channels import grey_in_colours
from twinfeed.diff._values._cut_off import cut_off, paired_points
from twinfeed.diff._values._own_ends import STRETCHED, own_ends
from twinfeed.diff._values._own_places import own_places
from twinfeed.diff._values._presets import named_line
from twinfeed.diff._values._value_map import ValueMap, value_map
from twinfeed.diff._values._value_range import ValueRange, value_range
from twinfeed.diff._values._wrapped_pairs import wrapped_pairs

Kind: TypeAlias = Literal["same", "named", "line", "uneven", "range", "unknown"]

_LEAST_EXAMPLES = 8
_MOST_EXAMPLES = 200
_FEW_EXAMPLES, _FEW_LEVELS = 8, 64  # of whole values: cutting those off moves slope and offset
_NEARLY_ALL = 0.95
_ROUNDED = 1e-4  # of an example's spread, that its mean may be off
_FOLLOWED = 0.6  # of the values' spread, that what a line leaves must stay below
_OWN_LINE = 0.05  # share of a picture's variance that a line of its own may leave: another kernel
_ABOUT = 3.0  # factor up to which it is less of a difference than values that were cut off
_SAME_ENDS = 0.01  # of the range's width, that two ends may differ by and still be the same
_NEARLY_FULL = 0.9  # of the range, from which a picture that was drawn anew reaches it by itself
_STAYS = 0.05  # of the range, by which two draws of a picture may reach further or less far
_STRANGERS = 0.15  # share of paired rows below which likeness may have paired strangers
PER_IMAGE = "standardised image by image"
CENTRED_EACH = "centred image by image"
OVER_SET = "standardised over the data set"
_OFF = 0.5  # of a column's spread, that the mean of some examples may be off one that was taken out
_CENTRED = "centred over the data set"
_BY_RANGE = {
    "0..255": "levels 0..255",
    "0..1": "scaled to 0..1",
    "-1..1": "scaled to -1..1",
    "0..65535": "levels of 16 bits",
    "standardised": "standardised",
    "centred": "centred on 0",
}


_NO_LINE = 0.9  # share of the variance left over from which a line says nothing
_BY_SOME = {PER_IMAGE, CENTRED_EACH, *BY_BATCH}
_FULL_RANGES = {"0..255", "0..1", "-1..1"}
FULL_RANGES = {_BY_RANGE[kind] for kind in _FULL_RANGES}
"""In words, the ranges whose ends are black and white."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """What is to be said about the scale of A's and B's main input.

    Attributes:
        kind: ``named``: each side has a normalisation with a name; ``line``: one line leads from
            A to B; ``uneven``: a line of its own for each example; ``range``: only the ranges
            are known to differ; ``same``; ``unknown``.
        left: A's name, or its range in words.
        right: B's.
        line: The line from A to B, where examples are paired.
        ranges: Both ranges, where numbers were counted.
    """

    kind: Kind
    left: str
    right: str
    line: ValueMap | None
    ranges: tuple[ValueRange, ValueRange] | None


@remembered
def scaling(twins: Twins) -> Scaling:
    """Decide how the main inputs are scaled."""
    stats = _stats(twins.left), _stats(twins.right)
    left, right = value_range(stats[0]), value_range(stats[1])
    if left is None or right is None or stats[0] is None or stats[1] is None:
        return Scaling("unknown", "", "", None, None)
    cut = cut_off(twins)
    if cut is not None and 1 / _ABOUT < cut.gain < _ABOUT:
        # Neither the range nor a line through what was cut off says how the rest is scaled.
        return Scaling("unknown", "", "", None, None)
    if wrapped_pairs(twins) is not None or colour_space(twins) is not None:
        # Nor through what went on at the other end, or is made of other channels.
        return Scaling("unknown", "", "", None, None)
    if any(column.with_all for column in bent_columns(twins)):
        return Scaling("unknown", "", "", None, None)  # nor does either of what follows a curve
    line = _line(twins, left, right)
    single = _by_some(twins, "A"), _by_some(twins, "B")
    measured = None if _BY_SOME & {*single} else _measured(twins)
    if measured is not None:
        over_set = _over_set(twins.left, stats[0]), _over_set(twins.right, stats[1])
        words = (
            measured[0] or over_set[0] or _in_words(left),
            measured[1] or over_set[1] or _in_words(right),
        )
        return Scaling("named", *words, line, (left, right))
    if STRETCHED in single and not (_follow_own_lines(twins) and _ends_stay(twins, single)):
        left_one, right_one = (None if one == STRETCHED else one for one in single)
        single = left_one, right_one
    table = twins.left.main is not None and not twins.left.main.is_image
    same_range = left.kind == right.kind
    kind = _kind(line, single, same_range=same_range, table=table)
    other_values = grey_in_colours(twins) or _other_channels(twins)
    if other_values and (kind == "uneven" or (kind == "line" and same_range)):
        # A colour's share of the grey is no scale, nor is what alpha is laid over.
        kind = "same" if same_range else "range"
    names = _in_words(left, table=table), _in_words(right, table=table)
    if kind == "named":
        names = single[0] or names[0], single[1] or names[1]
    elif kind == "line" and line is not None:
        known = _names(twins, line, (left, right), (stats[0], stats[1]))
        known = known or _by_ends(line, left, right)
        kind, names = ("named", known) if known else (kind, names)
    return Scaling(kind, *names, line, (left, right))


def _measured(twins: Twins) -> tuple[str | None, str | None] | None:
    """What was measured of each example, or of each point, by the side where that can be seen."""
    ends, places = own_ends(twins), own_places(twins)
    if ends:
        return ends.get("A"), ends.get("B")
    return None if places is None else (places.left, places.right)


def _kind(
    line: ValueMap | None,
    single: tuple[str | None, str | None],
    *,
    same_range: bool,
    table: bool,
) -> Kind:
    """What is known, before the names of lines are looked up."""
    alike = single[0] == single[1]
    if not alike and (_BY_SOME & {*single}):
        return "named"
    own = line is not None and (line.own_offsets or line.own_factors)
    if line is None or (line.residual_share > _NO_LINE and not same_range and not own):
        # What varies beside such a line moves it as well.
        return "same" if same_range else "range"
    followed = line.residual_share < _FOLLOWED and line.agreeing > line.pairs / 2
    # Columns of a table that have nothing to do with each other have no line either.
    if line.differs and (followed or not table):
        return "line"
    if not alike and _wide(line):
        return "named"
    if line.uneven or own:
        return "uneven"
    return "same" if followed or same_range else "range"


def _line(twins: Twins, left: ValueRange, right: ValueRange) -> ValueMap | None:
    """The line from A to B, unless the pairs or the ends of the values say that it is none."""
    line = value_map(twins) if _trusted(twins) else None
    return None if line and line.differs and _as_far(line, left, right) else line


def _as_far(line: ValueMap, left: ValueRange, right: ValueRange) -> bool:
    """Whether both sides end at the same values, which another scale would have moved.

    What is laid around moved pictures moves their means and spreads, but no ends. Black and white
    stay where they are whatever happens between them: values are cut off there.
    """
    if line.basis == "aligned" or left.kind in _FULL_RANGES or left.kind != right.kind:
        return False
    apart = max(abs(left.low - right.low), abs(left.high - right.high))
    return apart <= _SAME_ENDS * (left.high - left.low)


def _other_channels(twins: Twins) -> bool:
    main = twins.left.main
    return any(
        left.channels != right.channels
        for left, right in image_shapes(twins)
        if main is not None and left.path == main.path
    )


def _stats(trace: Trace) -> LeafStats | None:
    return trace.stats_of(trace.main.path) if trace.main else None


def _in_words(found: ValueRange, *, table: bool = False) -> str:
    """The range, of which a table has some that are none of its levels."""
    ends = f"from {found.low:.4g} to {found.high:.4g}"
    return ends if table and found.kind == "0..65535" else _BY_RANGE.get(found.kind, ends)


def _trusted(twins: Twins) -> bool:
    pairs = twins.pairs
    rows = min(len(pairs.left_rows), len(pairs.right_rows))
    return pairs.method in {"id", "content"} or len(pairs) >= _STRANGERS * rows


def _wide(line: ValueMap) -> bool:
    """Whether the examples' own gains differ by more than rounding."""
    low, high = line.example_gains
    return bool(np.isfinite(low)) and high > 1.05 * low


def _names(
    twins: Twins,
    line: ValueMap,
    ranges: tuple[ValueRange, ValueRange],
    stats: tuple[LeafStats, LeafStats],
) -> tuple[str, str] | None:
    colours = channel_order(twins)
    presets = named_line(
        line,
        *ranges,
        colourful=colours is None or colours.colourful,
        level_share=max(_level_share(twins.left), _level_share(twins.right)),
    )
    if presets:
        return presets[0].name, presets[1].name
    over_set = _over_set(twins.left, stats[0]), _over_set(twins.right, stats[1])
    # Where both are around 0, the line between them says more than two such names.
    if over_set.count(None) != 1:
        return None
    table = twins.left.main is not None and not twins.left.main.is_image
    words = _in_words(ranges[0], table=table), _in_words(ranges[1], table=table)
    return over_set[0] or words[0], over_set[1] or words[1]


def _level_share(trace: Trace) -> float:
    """How far two levels of a feed are apart, as a share of its range; 0 where it has many."""
    seen = np.unique(np.concatenate([np.unique(one) for one in trace.kept.values[:_FEW_EXAMPLES]]))
    return 1 / (len(seen) - 1) if 2 <= len(seen) <= _FEW_LEVELS else 0.0


def _by_ends(line: ValueMap, left: ValueRange, right: ValueRange) -> tuple[str, str] | None:
    """Two ranges that only one step leads between, where other parts of the pictures bend the line."""
    if line.basis == "aligned" or left.kind == right.kind:
        return None
    return (_in_words(left), _in_words(right)) if {left.kind, right.kind} <= _FULL_RANGES else None


def _over_set(trace: Trace, stats: LeafStats) -> str | None:
    """Whether mean and spread over all values show that they were measured and taken out.

    Of a table one wide column would hide where the others stand: each has a mean of its own.
    """
    mean, std = np.array(stats.mean), np.array(stats.std)
    kept, shape = trace.kept.values, trace.main.shape if trace.main else ()
    if len(shape) == 1 and shape[0] is not None and len(kept) >= _LEAST_EXAMPLES:
        table = np.stack(kept[:_MOST_EXAMPLES]).astype(np.float64)
        far = np.abs(table.mean(axis=0)) > _OFF * table.std(axis=0)
        if far.mean() > 1 - _NEARLY_ALL:
            return None
    if not (std > 0).all() or (np.abs(mean) > 0.1 * std).any():
        return None
    return OVER_SET if (np.abs(std - 1) < 0.1).all() else _CENTRED


def _by_some(twins: Twins, name: SideName) -> str | None:
    """Whether what scaled an example depends on it, or on its batch."""
    return _by_example(twins.side(name)) or by_batch(twins)[name]


def _follow_own_lines(twins: Twins) -> bool:
    """Whether a line leads from each picture to its partner, where they can be laid over each other.

    Pictures of much contrast reach from end to end by themselves, and so do even histograms.
    """
    shown = paired_points(twins) if all(twins.is_plain(name) for name in SIDES) else None
    if shown is None:
        return True
    x, y = (side - side.mean(axis=1, keepdims=True) for side in shown)
    power = np.square(x).sum(axis=1) * np.square(y).sum(axis=1)
    likeness = np.square((x * y).sum(axis=1)) / np.where(power > 0, power, np.inf)
    return float(np.median(likeness)) > 1 - _OWN_LINE


def _ends_stay(twins: Twins, single: tuple[str | None, str | None]) -> bool:
    """Whether the side that is not stretched draws nothing that moves the ends of a picture.

    Where it does, it may be what took them from pictures that reach from end to end by themselves.
    """
    name = SIDES[1 if single[0] == STRETCHED else 0]
    again, trace = twins.epochs_of(name), twins.side(name)
    if twins.is_plain(name) or again is None:
        return True
    if again.share_same >= STILL_SHARE:
        return False  # what was drawn is drawn again, and shows in no other epoch
    ends = [kept_index(trace, rows) for rows in (again.pairs.left, again.pairs.right)]
    chosen: list[list[int]] = np.stack(ends, axis=1)[:_MOST_EXAMPLES].tolist()
    reach = np.array(
        [[float(np.ptp(trace.kept.values[at])) for at in pair] for pair in chosen if min(pair) >= 0]
    ).reshape(-1, 2)
    if not len(reach):
        return True
    most = float(reach.max())
    moved = float(np.median(np.abs(np.diff(reach)))) >= _STAYS * most
    return not (moved or float(np.median(reach)) > _NEARLY_FULL * most)


def _by_example(trace: Trace) -> str | None:
    """Whether each example was standardised or stretched by itself."""
    if trace.main is None or trace.main.dtype.startswith(("uint", "int", "bool", "complex")):
        return None
    kept = trace.kept.values
    picks: list[int] = np.linspace(
        0, len(kept) - 1, min(len(kept), _MOST_EXAMPLES), dtype=int
    ).tolist()
    examples = [
        np.asarray(kept[i], np.float64)
        for i in picks
        if kept[i].size > 16 and np.isfinite(kept[i]).all() and np.ptp(kept[i]) > 0
    ]
    if len(examples) < _LEAST_EXAMPLES:
        return None
    standard = [abs(float(e.mean())) < 0.02 and abs(float(e.std()) - 1) < 0.02 for e in examples]
    if np.mean(standard) >= _NEARLY_ALL:
        return PER_IMAGE
    # A mean that is 0 but for rounding was taken out.
    centred = [abs(float(e.mean())) < _ROUNDED * float(e.std()) for e in examples]
    if np.mean(centred) >= _NEARLY_ALL:
        return CENTRED_EACH
    ends = [(float(e.min()), float(e.max())) for e in examples]
    full = [abs(low) < 1e-3 and abs(high - 1) < 1e-3 for low, high in ends]
    return STRETCHED if np.mean(full) >= _NEARLY_ALL else None
