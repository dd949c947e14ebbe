"""Steps that are known from the files: one part of A's way is changed for B's, and replayed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._ledger._background_step import said, same_beside
from twinfeed.diff._ledger._ground import Ground
from twinfeed.diff._ledger._stage import Stage
from twinfeed.diff._ledger._step import Change
from twinfeed.diff._replay._policies import POLICIES, SIDEWAYS
from twinfeed.diff._replay._recipe import Named
from twinfeed.diff._replay._told import both
from twinfeed.diff._twins import Twins

_ONE_COLOUR = 2.0  # levels up to which bars have one colour
_FEW = 3  # pairs below which chance cannot be told from what they gain


def replayed_size(_twins: Twins, now: Ground) -> Change | None:
    """A's pictures made in B's size, all else as it is."""
    if now.stage is None or now.stage.sizes[0] == now.stage.sizes[1]:
        return None
    a, b = now.stage.sizes
    says = f"A's pictures are {a[0]} x {a[1]}, B's {b[0]} x {b[1]}"
    return _swapped(now, now.stage.at_size_of_b(), "size", says, always=True)


def turn(twins: Twins, now: Ground) -> Change | None:
    """Pictures turned as their EXIF tag says, or not."""
    recipes = both(twins)
    if now.stage is None or recipes is None:
        return None
    left, right = recipes[0].orientation_applied, recipes[1].orientation_applied
    if left is None or right is None or left == right:
        return None
    says = f"{'A' if left else 'B'} turns pictures as their EXIF tag says, the other does not"
    way = replace(now.stage.way, turn=now.stage.goal.turn)
    found = _swapped(now, replace(now.stage, way=way), "orientation", says)
    tagged = np.array([file.orientation != 1 for file in now.stage.files])
    return _of(found, tagged)


def shape_rule(twins: Twins, now: Ground) -> Change | None:
    """Cropped, stretched or padded."""
    recipes = both(twins)
    if now.stage is None or recipes is None or not recipes[0].policy.excludes(recipes[1].policy):
        return None
    says = f"A: {recipes[0].policy.best}; B: {recipes[1].policy.best}"
    goal = now.stage.goal
    way = replace(now.stage.way, policy=goal.policy, bars=goal.bars)
    found = _swapped(now, replace(now.stage, way=way), "crop and scale", says)
    rules = [POLICIES[each.policy] for each in (now.stage.way, way)]
    size = now.stage.sizes[0]
    axes = [[rule((file.height, file.width), size) for rule in rules] for file in now.stage.files]
    return _of(found, np.array([one != other for one, other in axes]))


def bars(twins: Twins, now: Ground) -> Change | None:
    """The colour of what is padded, where both sides pad by one rule."""
    recipes = both(twins)
    if now.stage is None or recipes is None or now.left.shape != now.right.shape:
        return None
    mine, theirs = recipes[0].bars, recipes[1].bars
    if mine is None or theirs is None or recipes[0].policy.excludes(recipes[1].policy):
        return None
    here = _padded(now.stage)
    if not here.any() or np.abs(np.subtract(mine, theirs)).max() < _ONE_COLOUR:
        return None
    colours = [said(np.median(side[here], axis=0)) for side in (now.left, now.right)]
    share, pictures = float(here.mean()), np.asarray(here.any(axis=(1, 2)))
    says = f"{share:.0%} of the points are {colours[0]} in A and {colours[1]} in B"
    way = replace(now.stage.way, bars=now.stage.goal.bars)
    found = _of(_swapped(now, replace(now.stage, way=way), "background", says), pictures)
    facts = {
        "a_colour": colours[0],
        "b_colour": colours[1],
        "points_share": share,
        "pictures_with_it": int(pictures.sum()),
        "pictures": len(here),
        "same_beside_it": same_beside(now.left[~here], now.right[~here]),
    }
    return found and replace(found, facts=facts)


def _padded(stage: Stage) -> Array:
    """Which points lie in bars, shape ``(pairs, rows, columns)``."""
    rule, (rows, columns) = POLICIES[stage.way.policy], stage.points[0]
    found: list[Array] = []
    for file in stage.files:
        turned = stage.way.turn and file.orientation in SIDEWAYS
        shape = (file.width, file.height) if turned else (file.height, file.width)
        down, across = rule(shape, stage.sizes[0])
        found.append(down.beyond(rows)[:, None] | across.beyond(columns))
    return np.stack(found)


def mode(twins: Twins, now: Ground) -> Change | None:
    """How grey was made, what became of transparency, and the order of the channels."""
    recipes = both(twins)
    if now.stage is None or recipes is None:
        return None
    left, right = recipes
    order = left.blue_first != right.blue_first
    other = left.mode.excludes(right.mode)
    if not (order or other):
        return None
    said = [f"A's channels are made as {left.mode}, B's as {right.mode}"] if other else []
    if order:
        said.append(f"{'A' if left.blue_first else 'B'} has blue first")
    goal = now.stage.goal
    way = replace(now.stage.way, mode=goal.mode, blue_first=goal.blue_first)
    found = _swapped(now, replace(now.stage, way=way), "channels", "; ".join(said))
    clear = np.array([file.alpha for file in now.stage.files])
    return found if order or now.left.shape[-1] < 3 else _of(found, clear)


def kernel(twins: Twins, now: Ground) -> Change | None:
    """The resize kernel."""
    recipes = both(twins)
    if now.stage is None or recipes is None:
        return None
    left, right = recipes[0].kernel, recipes[1].kernel
    if left is None or right is None or not left.excludes(right):
        return None
    way = replace(now.stage.way, kernel=now.stage.goal.kernel)
    return _swapped(now, replace(now.stage, way=way), "resize kernel", _names(left, right))


def decoder(twins: Twins, now: Ground) -> Change | None:
    """The JPEG decoder."""
    recipes = both(twins)
    if now.stage is None or recipes is None:
        return None
    left, right = recipes[0].decoder, recipes[1].decoder
    if left is None or right is None or not left.excludes(right):
        return None
    way = replace(now.stage.way, decoder=now.stage.goal.decoder)
    return _swapped(now, replace(now.stage, way=way), "decoder", _names(left, right))


def _names(left: Named, right: Named) -> str:
    return f"A: {left}; B: {right}"


def _of(change: Change | None, concerned: Array) -> Change | None:
    """A change that is judged by some of the pairs, where there are a few of them."""
    few = int(concerned.sum()) >= _FEW
    return replace(change, concerned=concerned) if change and few else change


def _swapped(
    now: Ground, stage: Stage, step: str, says: str, *, always: bool = False
) -> Change | None:
    """A's pictures made another way; their scale is kept as it is at this point."""
    assert now.stage is not None
    channels = now.left.shape[-1]
    before, after = now.stage.pictures(channels), stage.pictures(channels)
    if before is None or after is None:
        return None
    gain, bias = _line(before, now.left)
    left = (after * gain + bias).astype(np.float32)
    facts = (
        {"apart_levels": float(np.abs(after - before).mean())}
        if after.shape == before.shape
        else {}
    )
    judge = "always" if always else "shape"
    return Change(
        step=step, says=says, left=left, right=now.right, judge=judge, facts=facts, stage=stage
    )


def _line(levels: Array, values: Array) -> tuple[Array, Array]:
    """Gain and bias per pair and channel, shape ``(pairs, 1, 1, channels)``."""
    mean_x, mean_y = (side.mean(axis=(1, 2), keepdims=True) for side in (levels, values))
    dx, dy = levels - mean_x, values - mean_y
    power = (dx * dx).sum(axis=(1, 2), keepdims=True)
    gain = (dx * dy).sum(axis=(1, 2), keepdims=True) / np.where(power > 0, power, np.inf)
    return gain, mean_y - gain * mean_x
