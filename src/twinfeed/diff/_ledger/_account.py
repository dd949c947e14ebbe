"""From coarse to fine: each step fitted on half of the pairs, scored on the rest, kept if it pays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.results import Ledger, Share
from twinfeed.diff._ledger._background_step import background
from twinfeed.diff._ledger._crop_step import crop_and_scale
from twinfeed.diff._ledger._detail_steps import encoding, sharpness
from twinfeed.diff._ledger._ground import (
    Ground,
    ground,
    misfit,
    squares,
    squares_from_mean,
)
from twinfeed.diff._ledger._own_curves import own_curves
from twinfeed.diff._ledger._replay_steps import (
    bars,
    decoder,
    kernel,
    mode,
    replayed_size,
    shape_rule,
    turn,
)
from twinfeed.diff._ledger._shape_steps import (
    channels,
    layout,
    orientation,
    other_layout,
    size,
)
from twinfeed.diff._ledger._step import Change, Kept, Step
from twinfeed.diff._ledger._value_steps import levels, tone_curve, values
from twinfeed.diff._policy._randomness import past_recognition
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins
from twinfeed.stats.resample import half_width, share_interval

STEPS: tuple[Step, ...] = (
    layout, replayed_size, size, turn, background, bars, orientation, shape_rule, crop_and_scale, mode, channels, levels, own_curves, values,
    tone_curve, levels, encoding, kernel, sharpness, decoder,
)  # fmt: skip
_EQUAL = 1e-3  # root mean square, as a share of B's spread, that is rounding
_GRID = 2.0**40  # shares are multiples of 1 / this, so that they sum exactly


@dataclass(frozen=True, slots=True)
class Account:
    """The ledger, and the steps that it kept with their facts.

    Attributes:
        ledger: The value for a report.
        kept: The steps that pay.
        left_share: Root mean square that is left, as a share of B's spread.
    """

    ledger: Ledger
    kept: tuple[Kept, ...]
    left_share: float

    def of(self, step: str) -> Kept | None:
        """The kept step of a kind."""
        return next((kept for kept in self.kept if kept.step == step), None)


@remembered
def account(twins: Twins) -> Account | None:
    """Account for the pixel difference; ``None`` where there is none, or chance stands between."""
    if not (_calm(twins, "A") and _calm(twins, "B")):
        return None
    start = ground(twins)
    if start is None:
        return None
    scored = ~start.fit
    spread = float(start.right[scored].std(dtype=np.float64))
    whole = squares(start.left, start.right)
    if other_layout(twins):
        whole = squares_from_mean(start.left, start.right)
    if not spread > 0 or np.sqrt(whole[scored].mean()) <= _EQUAL * spread:
        return None
    return _account(twins, start, whole, spread)


def _calm(twins: Twins, name: str) -> bool:
    """Whether whole examples of a side are held without random augmentation."""
    side = "A" if name == "A" else "B"
    if len(twins.side(side).plain):
        return True
    plan = twins.side(side).plan
    drawn = plan is not None and any(step.random for step in plan.steps)
    if drawn or twins.is_still(side) is False:
        return False
    return past_recognition(twins, side) is None  # changed so far that hardly any is known again


def _account(twins: Twins, start: Ground, whole: Array, spread: float) -> Account:
    scored = ~start.fit
    now, left = start, whole
    lines = [whole[scored]]
    kept: list[Kept] = []
    for step in STEPS:
        if np.sqrt(left[scored].mean()) <= _EQUAL * spread:
            break
        change = step(twins, now)
        if change is None or any(one.step == change.step for one in kept):
            continue
        behind = replace(now, left=change.left, right=change.right, stage=change.stage or now.stage)
        after = squares(behind.left, behind.right)
        taken = _taken(change, now, behind, left, after)
        if taken is None:
            continue
        now, left = behind, after
        # What a step seems to add is only that an earlier scale still hides what it does.
        lines.append(
            np.minimum(lines[-1], after[scored]) if change.judge != "values" else after[scored]
        )
        kept.append(
            Kept(step=change.step, says=change.says, share=0.0, taken=taken, facts=change.facts)
        )
    shares, ledger = _ledger(lines, kept, int(start.fit.sum()))
    final = [replace(one, share=share) for one, share in zip(kept, shares, strict=True)]
    return Account(ledger, tuple(final), float(np.sqrt(lines[-1].mean()) / spread))


def _taken(change: Change, now: Ground, behind: Ground, left: Array, after: Array) -> float | None:
    """Share of what was left that a step takes from the scored half; ``None`` if it does not pay."""
    # Nothing was fitted to the pairs where files tell which a step concerns, mostly few of many.
    scored = ~now.fit if change.concerned is None else change.concerned
    if change.judge == "always":
        return 1.0
    if change.judge == "values":
        before, behind_it = left[scored], after[scored]
    else:
        if now.left.shape[:3] != now.right.shape[:3]:
            return 1.0
        before = misfit(now.left[scored], now.right[scored])
        behind_it = misfit(behind.left[scored], behind.right[scored])
    total = float(before.sum())
    taken = 1 - float(behind_it.sum()) / total if total > 0 else 0.0
    if taken < change.least:
        return None
    # Pairs must gain more alike than chance would let so few.
    without = 1 - (behind_it.sum() - behind_it) / np.maximum(before.sum() - before, 1e-300)
    return taken if taken > half_width(without) else None


def _ledger(lines: list[Array], kept: list[Kept], fitted: int) -> tuple[list[float], Ledger]:
    # Sums never rise: a step that an unmatched scale hides gets no share, and none a negative one.
    sums = np.stack(lines)
    count = sums.shape[1]
    without = np.minimum.accumulate(sums.sum(axis=1, keepdims=True) - sums, axis=0)
    without = without[:, without[0] > 0]
    parts, rest = -np.diff(without, axis=0) / without[0], without[-1] / without[0]
    seen = np.minimum.accumulate(sums.sum(axis=1))
    shares = [float(np.floor(x * _GRID) / _GRID) for x in -np.diff(seen) / seen[0]]
    between = [share_interval(share, each) for share, each in zip(shares, parts, strict=True)]
    made = [
        Share(
            step=one.step,
            says=one.says,
            share=shares[i],
            low=between[i][0],
            high=between[i][1],
            pairs=count,
            left_rms=float(np.sqrt(seen[i + 1] / count)),
        )
        for i, one in enumerate(kept)
    ]
    unexplained = 1.0 - sum(shares)
    low, high = share_interval(unexplained, rest)
    return shares, Ledger(
        shares=tuple(made),
        unexplained=unexplained,
        low=low,
        high=high,
        pairs=count,
        fitted_pairs=fitted,
        rms=float(np.sqrt(seen[0] / count)),
    )
