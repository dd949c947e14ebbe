"""Looking again: whether a change of B takes its cause away, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from twinfeed._core.attribution import Proof
from twinfeed._core.batch import Array
from twinfeed._core.finding import Severity
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.attribute._causes import Cause
from twinfeed.attribute._checks import Seen, check
from twinfeed.attribute._identity import trace_of
from twinfeed.attribute._world import World
from twinfeed.diff import CATALOGUE, compare
from twinfeed.train.outcome import Epoch
from twinfeed.train.recording import Recording, from_epochs

_EPOCHS = 2
_LEAST_PAIRED = 0.9
_NEEDS_PAIRS = frozenset({"pictures", "frozen", "labels", "order", "examples", "remainder"})
_LOOKED_AT = ("GEO", "VAL", "PIX", "LBL", "AUG", "ORD", "BAT")


@dataclass(frozen=True, slots=True)
class Proved:
    """What looking again saw of one cause.

    Attributes:
        proof: As in ``CauseShare``.
        text: What was seen.
    """

    proof: Proof
    text: str


def prove(world: World, causes: Sequence[Cause], say: Callable[[str], None]) -> dict[str, Proved]:
    """Take each cause away on its own and compare with A again.

    Args:
        world: One seed's draws, nothing held out.
        causes: All causes; those that no change takes away are told so.
        say: Called with what is being done.
    """
    found: dict[str, Proved] = {}
    if not any(cause.does for cause in causes):
        return {cause.key: Proved("unbuilt", cause.why_not) for cause in causes}
    a = trace_of(_named(world, world.of_a(), world.ids.a), "A", epochs=_EPOCHS)
    before = _codes(_compared(a, world, frozenset()))
    for cause in causes:
        if not cause.does:
            found[cause.key] = Proved("unbuilt", cause.why_not)
            continue
        if cause.key in _NEEDS_PAIRS and world.ids.paired_share < _LEAST_PAIRED:
            share = world.ids.paired_share
            text = f"only {share:.0%} of B's examples can be told apart and found in A"
            found[cause.key] = Proved("unbuilt", text)
            continue
        say(f"proving: {cause.title}")
        # What stays frozen shows no augmentation, so the policy is seen once that is gone.
        within = frozenset({"frozen"} if cause.key == "pictures" and world.both_frozen else ())
        if world.forms.chain and cause.key == world.forms.chain[1]:
            within = frozenset({world.forms.chain[0]})
        without = within | {cause.key}
        try:
            after = _compared(a, world, without)
            seen = check(world, cause.key, without)
        except (ValueError, IndexError) as error:
            found[cause.key] = Proved("unbuilt", f"B cannot be changed so: {error}")
            continue
        base = _codes(_compared(a, world, within)) if within else before
        found[cause.key] = _judged(cause, base, after, seen)
    return found


def fitting(world: World, key: str, proved: Proved, taken: tuple[int | None, ...]) -> Proved:
    """What looking again saw, unless B's own model cannot take B without the cause.

    Args:
        world: As for ``prove``.
        key: The cause.
        proved: What looking again saw of it.
        taken: The shape of inputs that B's model takes, without the batch; empty for any.
    """
    if proved.proof != "proven" or not taken:
        return proved
    shape = np.shape(world.of_b(frozenset({key}))[0].x)[1:]
    if len(shape) == len(taken) and all(
        want in {None, have} for want, have in zip(taken, shape, strict=True)
    ):
        return proved
    text = f"B's own model takes inputs of shape {taken}, and they would have {shape}"
    return Proved("unbuilt", text)


def _judged(cause: Cause, before: frozenset[str], report: Report, seen: Seen | None) -> Proved:
    codes, after = set(cause.codes), _codes(report)
    still = sorted(codes & after)
    if still:
        said = next(one.sentence for one in report.findings if one.code == still[0])
        return Proved("refuted", f"{still[0]} is still there: {said}")
    if seen is not None and not seen.holds:
        return Proved("refuted", f"only {seen.text}")
    shown = sorted(codes & before)
    if seen is None and not shown:
        return Proved("refuted", "the replayed batches show nothing of it, before or after")
    gone = sorted(before - after - codes)
    new = sorted(after - before)
    text = "; ".join([f"{', '.join(shown)} gone"] * bool(shown) + ([seen.text] if seen else []))
    others = len(after & before)
    if others:
        text += f", {others} other finding{'s' * (others > 1)} as before"
    if gone:
        text += f"; {', '.join(gone)} went with it"
    if new:
        text += f"; {', '.join(new)} came with it"
    return Proved("proven", text)


def _compared(a: Trace, world: World, without: frozenset[str]) -> Report:
    epochs = world.of_b(without)[:_EPOCHS]
    rows = world.rows_of_b(without)[:_EPOCHS]
    shown = [
        world.numbers(members[: sum(epoch.sizes)])
        for members, epoch in zip(rows, epochs, strict=True)
    ]
    b = trace_of(_named(world, epochs, np.concatenate(shown)), "B", epochs=_EPOCHS)
    measures = [one for code, one in CATALOGUE.items() if code.startswith(_LOOKED_AT)]
    return compare(a, b, measures=measures)


def _codes(report: Report) -> frozenset[str]:
    return frozenset(one.code for one in report.findings if one.severity is not Severity.NOTE)


def _named(world: World, epochs: Sequence[Epoch], numbers: Array) -> Recording:
    """Epochs as a recording whose rows bear the numbers of their examples as names."""
    count = sum(sum(epoch.sizes) for epoch in epochs[:_EPOCHS])
    names = np.array(
        [str(n) if n >= 0 else f"?{i}" for i, n in enumerate(numbers[:count].tolist())]
    )
    return from_epochs(epochs[:_EPOCHS], main=world.b.main, ids=names)
