"""What pictures of two feeds differ in as a whole, where chance stands between any two.

Each paired example is measured on both sides by numbers that hardly change as a picture is moved,
mirrored or scaled in its values: how much of it is fine, how much stands at the edges of blocks, how
many levels it has, where its middle value lies, how colourful it is; and, where nothing else scales
values apart, by its contrast and how light it is. Of two sides that draw by one
policy either is above the other as often as not, and neither by much. Where only one side draws, no
number is asked for that its draws change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Evidence
from twinfeed.diff._policy._compared import apart, zoomed_apart
from twinfeed.diff._policy._looks import LOOKS, Look, middles, rounded
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._remembered import remembered
from twinfeed.diff._split import parts
from twinfeed.diff._streams._order import is_whole
from twinfeed.diff._twins import SIDES, SideName, Twins, kept_again, kept_index
from twinfeed.diff._values._apart import width_of
from twinfeed.diff._values._cut_off import cut_off
from twinfeed.diff._values._scaling import scaling
from twinfeed.stats.clusters import draws_as_one

_MOST_PAIRS = 100  # 0.3 s for both sides
_LEAST_PAIRS = 40
_LEAST_SIDE = 24
_SURELY = 6.0  # standard errors by which more draws lie on one side than a coin would give
_NEARLY_ALL = 0.85  # of all pictures of both, each held against each, that must lie one way
_TIMES = 3.0  # of what a side's own draws are off in the middle
_LEAST: dict[Look, tuple[float, float]] = {
    "blocks": (1.0, 0.05),
    "detail": (1.2, 0.15),
    "levels": (1.5, 0.4),
    "tone": (1.2, 0.1),
    "colour": (1.5, 0.15),
    "contrast": (1.0, 0.05),
    "light": (1.0, 0.015),
}
"""How far the middle must be off: of what two draws differ by, and at least."""
_OF_VALUES = "brightness", "contrast", "channel_shift", "saturation", "hue_degrees", "erased"
_TOLERANCES = {
    "brightness": 0.04,
    "contrast": 0.08,
    "channel_shift": 0.04,
    "shift_x": 0.03,
    "shift_y": 0.03,
}
"""Beyond which what is drawn may set the means and spreads of two sides apart."""
_MOVES = "zoom_x", "zoom_y", "rotation_degrees", "shear_degrees", "shift_x", "shift_y"
_NAMELESS = {"tone", "colour", "contrast", "light"}
_SCALED: set[Look] = {"contrast", "light"}
"""What other scales move as well, and other moves where they bring the outside in."""
_RANKS: dict[Look, int] = {
    "blocks": 0,
    "levels": 1,
    "detail": 1,
    "tone": 2,
    "colour": 3,
    "contrast": 4,
    "light": 5,
}
"""Which of two is said: what comes first moves what comes after it as well."""
_WORDS: dict[Look, str] = {
    "blocks": "the edges of blocks of 8 x 8 points, as JPEG leaves them, stand out {factor:.2f} times"
    " as much in {more}'s pictures as in {less}'s",
    "detail": "{less}'s pictures are softer, or {more}'s have grain: {factor:.2g} times the energy in"
    " their finest detail",
    "levels": "{more}'s pictures hold {factor:.2g} times as many different values as {less}'s",
    "tone": "values follow a curve and no line: the middle one lies {factor:.2f} spreads nearer to the"
    " lightest in {more}'s pictures than in {less}'s",
    "colour": "{more}'s pictures are {factor:.2g} times as colourful as {less}'s",
    "contrast": "{more}'s pictures have {factor:.2g} times the contrast of {less}'s",
    "light": "{more}'s pictures are lighter than {less}'s, by {factor:.1%} of the range",
}


@dataclass(frozen=True, slots=True)
class LooksApart:
    """What sets the pictures of one side apart.

    Attributes:
        kind: What there is more of: edges of blocks, detail, levels, light (``tone``: the
            middle value lies higher between the darkest and the lightest), colour, contrast, or
            ``light`` itself: the mean.
        more: The side with more of it.
        less: The other one.
        share: Of the pairs, in which that side has more.
        factor: How many times as much, in the middle; of ``tone`` by how many spreads, of ``light``
            by which share of the range.
        pairs: Paired examples; 0 where too few are paired and all pictures are looked at.
    """

    kind: Look
    more: SideName
    less: SideName
    share: float
    factor: float
    pairs: int

    def names(self, kind: Look) -> bool:
        """Whether it speaks of a cause, and of this one."""
        return self.kind == kind and not self.names_nothing

    @property
    def names_nothing(self) -> bool:
        """Whether it has no cause of its own: strangers differ for more than one reason."""
        return not self.pairs or self.kind in _NAMELESS

    @property
    def said(self) -> str:
        """It in words, with its numbers."""
        words = _WORDS[self.kind].format(more=self.more, less=self.less, factor=self.factor)
        if not self.pairs:
            return (
                f"{words}, in the middle of all; of two pictures of both sides {self.more}'s has more"
                f" in {self.share:.0%}, and none could be recognised in the other"
            )
        return (
            f"{words}, in the middle of {self.pairs:,} paired examples, between which draws stand;"
            f" {self.more} has more in {self.share:.0%} of them"
        )

    @property
    def evidence(self) -> Evidence:
        """The same for a finding."""
        return {
            "side_with_more": self.more,
            "more_of": self.kind,
            "times_or_spreads": self.factor,
            "pairs_with_more_share": self.share,
            "pairs": self.pairs,
        }


@remembered
def looks_apart(twins: Twins) -> LooksApart | None:
    """What sets the sides apart the most; ``None`` where nothing does, or where nothing is drawn."""
    asked = _asked(twins)
    if not asked:
        return None
    paired = len(twins.kept_pairs[0]) >= _LEAST_PAIRS
    places = tuple(map(_some, twins.kept_pairs if paired else _of_all(twins)))
    if min(map(len, places)) < _LEAST_PAIRS:
        return None
    width = _width(twins)
    shown = [
        middles(trace, at, width)
        for trace, at in zip((twins.left, twins.right), places, strict=True)
    ]
    sizes = {one.shape for side in shown for one in side}
    if len(sizes) > 1 or min(*sizes.pop()[:2]) < _LEAST_SIDE:
        return None
    if not all(np.isfinite(one).all() for side in shown for one in side):
        return None  # has a cause of its own
    if any(map(rounded, shown)):
        asked -= {"levels"}
    found: list[tuple[float, LooksApart]] = []
    for kind in asked:
        measured = LOOKS[kind]
        sides = [np.array([measured(one) for one in side]) for side in shown]
        one = _in_pairs(twins, kind, sides, places) if paired else _in_all(kind, sides)
        if one is not None and one[0] > _TIMES * max(
            _own_shift(twins, name, kind) for name in SIDES
        ):
            found.append(one)
    found.sort(key=lambda one: (_RANKS[one[1].kind], -one[0]))
    return found[0][1] if found else None


def _asked(twins: Twins) -> set[Look]:
    """What may be compared: nothing that the policies of the two are known to set apart."""
    mains = twins.left.main, twins.right.main
    if any(main is None or not main.is_image for main in mains) or cut_off(twins) is not None:
        return set()
    drawn = [name for name in SIDES if not twins.is_plain(name)]
    left, right = policy(twins, "A"), policy(twins, "B")
    every: set[Look] = {*LOOKS}
    if scaling(twins).kind != "same":
        every -= _SCALED
    if len(drawn) == 1:
        return every & _left_alone(left if drawn == ["A"] else right)
    if not drawn:
        return set()
    if not (left.known and right.known):
        return every
    turned = any(
        apart(left, right, field, tolerance=tolerance)
        for field, tolerance in (("rotation_degrees", 4.0), ("shear_degrees", 6.0))
    )
    if turned or zoomed_apart(left, right):
        return set()
    drawn_apart = any(
        apart(left, right, field, tolerance=tolerance) for field, tolerance in _TOLERANCES.items()
    )
    return every - _SCALED if drawn_apart else every


def _left_alone(one: Policy) -> set[Look]:
    """What the draws of the only side that has any leave as it is."""
    if not one.known or any(getattr(one, field).random for field in _OF_VALUES):
        return set()
    moved = any(getattr(one, field).random for field in _MOVES)
    return {"tone", "colour"} if moved else {*LOOKS}


def _of_all(twins: Twins) -> tuple[Array, ...]:
    """The pictures of two whole epochs of equal length, of which too few are recognised."""
    if parts(twins) is not None or not all(is_whole(twins.side(name), 0) for name in SIDES):
        return np.arange(0), np.arange(0)
    rows = [twins.side(name).rows_of(0) for name in SIDES]
    if len(rows[0]) != len(rows[1]):
        return np.arange(0), np.arange(0)
    at = [kept_index(twins.side(name), own) for name, own in zip(SIDES, rows, strict=True)]
    return tuple(one[one >= 0] for one in at)


def _some(at: Array) -> Array:
    """At most so many of them, from the first to the last."""
    return at[np.linspace(0, len(at) - 1, min(len(at), _MOST_PAIRS)).astype(int)]


def _in_pairs(
    twins: Twins, kind: Look, sides: list[Array], places: tuple[Array, ...]
) -> tuple[float, LooksApart] | None:
    """How far the middle of the pairs is off, and what is said of it, where no chance does it."""
    gap = sides[1] - sides[0]
    middle = float(np.median(gap))
    usual = float(np.median(np.abs(gap - middle)))
    off, least = _LEAST[kind]
    if not abs(middle) > max(least, off * usual):
        return None
    batches = [
        trace.rows.batch[trace.kept.row[at]]
        for trace, at in zip((twins.left, twins.right), places, strict=True)
    ]
    ranks = gap.argsort().argsort().astype(float)  # far ones would make batches look unlike
    alike = np.sqrt(len(gap) * max(draws_as_one(ranks, each) for each in batches))
    if abs(float(np.sign(gap).sum())) / alike <= _SURELY:
        return None
    share = float((np.sign(gap) == np.sign(middle)).mean())
    return abs(middle), _said(kind, middle, share, pairs=len(gap))


def _in_all(kind: Look, sides: list[Array]) -> tuple[float, LooksApart] | None:
    """The same of all pictures of both sides, each held against each."""
    middle = float(np.median(sides[1]) - np.median(sides[0]))
    if not abs(middle) > _LEAST[kind][1]:
        return None
    share = float((np.sign(sides[1] - sides[0][:, None]) == np.sign(middle)).mean())
    return (abs(middle), _said(kind, middle, share, pairs=0)) if share >= _NEARLY_ALL else None


def _said(kind: Look, middle: float, share: float, *, pairs: int) -> LooksApart:
    more, less = ("B", "A") if middle > 0 else ("A", "B")
    far = abs(middle) if kind in {"tone", "light"} else float(np.exp(abs(middle)))
    return LooksApart(kind, more, less, share, far, pairs)


def _width(twins: Twins) -> float:
    return max(map(width_of, (twins.left, twins.right))) or 1.0


def _own_shift(twins: Twins, name: SideName, kind: Look) -> float:
    """By how much a side's own draws of the same examples differ in the middle."""
    trace, again = twins.side(name), twins.epochs_of(name)
    places = tuple(map(_some, kept_again(trace, again))) if again else (np.zeros(0),)
    if not len(places[0]):
        return 0.0
    width = _width(twins)
    sides = [np.array([LOOKS[kind](one) for one in middles(trace, at, width)]) for at in places]
    return abs(float(np.median(sides[1] - sides[0])))
