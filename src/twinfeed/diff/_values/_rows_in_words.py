"""What is said of rows and whole numbers that differ otherwise than by a scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twinfeed._core.finding import Evidence, Fix, Safety, Severity
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._bent_columns import BentColumn
from twinfeed.diff._values._channel_order import ChannelOrder
from twinfeed.diff._values._renumbered import Renumbered, renumbered
from twinfeed.diff._values._rounded_down import RoundedDown, rounded_down

_FIRST = 8  # columns that are listed
FIX_OF_COLUMNS = Fix(
    "Prepare the columns of both sides alike",
    "one filling of what is missing, one padding, and one transformation on both sides",
    Safety.UNSAFE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A finding without its cause; attributes as ``Measure.finding`` takes them."""

    sentence: str
    evidence: Evidence
    fix: Fix
    size: float
    severity: Severity | None = None


def rows_moved_along(order: ChannelOrder) -> Said:
    """Sequences of which one side lacks the start."""
    one, other = ("A", "B") if order.along > 0 else ("B", "A")
    many = f"{abs(order.along)} place{'s' if abs(order.along) > 1 else ''}"
    return Said(
        f"{other}'s rows are {one}'s from {many} further along, in {order.votes:,} of {order.pairs:,}"
        f" paired examples: {one} begins with what {other} lacks",
        evidence={
            "moved_along_places": order.along,
            "misfit_as_it_is_share": order.kept_share,
            "misfit_moved_share": order.best_share,
            "pairs": order.pairs,
            "pairs_that_differ": order.votes,
        },
        fix=Fix(
            "Begin the sequences of both sides at one place",
            "one tokenizer with one add_bos_token, or one slice such as x[:, 1:], on both sides",
            Safety.UNSAFE,
        ),
        size=0.8,
    )


def _other_numbers(numbers: Renumbered) -> Said:
    """Whole numbers that stand for other things."""
    return Said(
        f"{numbers.said} ({numbers.pairs:,} paired examples)",
        evidence={
            "numbers": numbers.numbers,
            "numbers_that_change": numbers.changed,
            "pairs": numbers.pairs,
        },
        fix=Fix(
            "Number things alike on both sides",
            "one vocabulary, made once and handed to both: TextVectorization(vocabulary=words)",
            Safety.UNSAFE,
        ),
        size=0.8,
    )


def _lower(found: RoundedDown) -> Said:
    """Levels that one side cuts off after the point."""
    other = "B" if found.side == "A" else "A"
    return Said(
        f"{found.side}'s values are {other}'s or one level lower, at {found.share:.0%} of the points"
        f" ({found.pairs:,} paired examples): {found.side} cuts off what follows the point, where"
        f" {other} rounds",
        evidence={
            "side_that_cuts_off": found.side,
            "points_one_lower_share": found.share,
            "pairs": found.pairs,
        },
        fix=Fix(
            f"Round in {found.side} as well",
            'np.rint(x * 255).clip(0, 255).astype("uint8"), or tf.round ahead of the cast',
            Safety.UNSAFE,
        ),
        size=0.1,
        severity=Severity.NOTE,
    )


def columns_bent(columns: Sequence[BentColumn]) -> Said:
    """Columns of a table that follow a curve."""
    share = max(one.left_over_share for one in columns)
    left = f"follow a curve and no line, which leaves {share:.1%} of their spread"
    if columns[0].with_all:
        curve = f": they lie on a line over {columns[0].curve}" if columns[0].curve else ""
        sentence = f"the values of A and B {left}{curve} ({columns[0].pairs:,} paired examples)"
    else:
        said = [
            f"{one.column}, a line over {one.curve}" if one.curve else str(one.column)
            for one in columns[:_FIRST]
        ]
        said += ["..."] if len(columns) > _FIRST else []
        rows = f"{columns[0].pairs:,} paired rows"
        sentence = f"columns of A and B {left}: {'; '.join(said)} ({rows})"
    return Said(
        sentence,
        evidence={
            "columns": ", ".join(str(one.column) for one in columns),
            "curve": columns[0].curve,
            "left_over_share": share,
            "pairs": columns[0].pairs,
        },
        fix=FIX_OF_COLUMNS,
        size=min(0.8, 0.4 + share),
    )


def whole_numbers(twins: Twins, *, table: bool) -> list[Said] | None:
    """What is said of numbers that stand for others, or of levels that were cut off; else ``None``."""
    numbers = renumbered(twins)
    if numbers is not None:
        return [] if numbers.kind == "shifted" else [_other_numbers(numbers)]
    lower = None if table else rounded_down(twins)
    return None if lower is None else [_lower(lower)]
