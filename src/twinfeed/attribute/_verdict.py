"""The answer in a paragraph."""

from __future__ import annotations

import math
from collections.abc import Sequence

from twinfeed._core.attribution import CauseShare, Clue, Estimate, Gap
from twinfeed._core.results import Verdict

_MOST_NAMED = 3
_ENOUGH = 6  # seeds from which "no gap beyond noise" is an answer


def verdict(
    gap: Gap | None,
    clues: Sequence[Clue],
    *,
    complete: bool,
    own_models: bool = False,
) -> Verdict:
    """What a tired person needs to know."""
    if gap is None or gap.seeds < 2:
        why = "interrupted" if not complete else "too few trainings ended"
        return Verdict("undecided", f"Undecided: {why} before the gap could be told from noise.")
    measured = [one for one in gap.shares if one.share is not None]
    if not gap.gap.beyond_noise:
        decided = complete and gap.seeds >= _ENOUGH
        ends = (
            f"A ends at {_level(gap.a.value, gap)}, B at {_level(gap.b.value, gap)} {gap.metric}"
            f" over {gap.seeds} paired seeds"
        )
        text = (
            f"No gap beyond noise: {ends}; a gap of {amount(gap.detectable, gap)} would have been"
            " seen with power 0.8."
            if decided
            else f"Undecided so far: {ends}, and so few show a gap with power 0.8 only from"
            f" {amount(gap.detectable, gap)} on."
        )
        clear = [one for one in measured if one.share and one.share.beyond_noise]
        if clear:
            signs = {one.share.value > 0 for one in clear if one.share}
            cancel = "causes that cancel each other out were found"
            text += f" Yet {cancel if len(signs) > 1 else 'this stands out of the noise'}: "
            text += _named(clear, gap) + "."
        return Verdict("same" if decided else "undecided", text)
    worse = "below" if (gap.gap.value > 0) == _higher_is_better(gap) else "above"
    text = (
        f"B ends {amount(abs(gap.gap.value), gap)} {worse if _higher_is_better(gap) else _side(gap)}"
        f" A in {gap.metric} ({gap.when} epoch; {between(gap.gap, gap)}, {gap.seeds} paired seeds)."
    )
    clear = [one for one in measured if one.share and one.share.beyond_noise]
    if clear:
        text += " Of this gap " + _named(clear[:_MOST_NAMED], gap) + "."
    elif measured:
        text += " No single cause stands out of the noise."
    left = gap.unexplained
    if left.beyond_noise:
        text += f" {amount(left.value, gap).capitalize()} stay unexplained."
    # One network for both sides cannot use them differently; two scripts with their own can.
    if own_models and left.beyond_noise and len(measured) == len(gap.shares):
        return Verdict("framework", _framework(text, clues, equal=not measured))
    if not complete:
        text = "Partial: " + text
    return Verdict("different", text)


def with_speed(answer: Verdict, speed: Gap | None) -> Verdict:
    """The answer with a word on how long an epoch takes, where that differs.

    What was decided comes first: a gap in seconds is a gap, whatever the accuracy turns out to be.
    """
    if speed is None or not speed.slower:
        return answer
    ratio = max(speed.a.value, speed.b.value) / min(speed.a.value, speed.b.value)
    said = f"An epoch of {speed.slower} takes {ratio:.1f} times as long to read."
    if answer.kind != "undecided":
        return Verdict(answer.kind, f"{answer.text} {said}")
    return Verdict(
        "different",
        f"{said} The results of the trainings: {answer.text[:1].lower()}{answer.text[1:]}",
    )


def amount(value: float, gap: Gap) -> str:
    """A difference with its unit."""
    if not math.isfinite(value):
        return "any size"
    digits = 1 if gap.unit == "points" else 3
    return f"{value:.{digits}f} {gap.unit}".strip()


def between(estimate: Estimate, gap: Gap) -> str:
    """The interval of a difference, in words."""
    digits = 1 if gap.unit == "points" else 3
    return f"95 % interval {estimate.low:.{digits}f} to {estimate.high:.{digits}f}"


def _level(value: float, gap: Gap) -> str:
    return f"{value:.1f} %" if gap.unit == "points" else f"{value:.3f} {gap.unit}".strip()


def _named(shares: Sequence[CauseShare], gap: Gap) -> str:
    said: list[str] = []
    for one in shares:
        if one.share is not None:
            digits = 1 if gap.unit == "points" else 3
            said.append(
                f"{one.title} makes {one.share.value:.{digits}f}"
                f" ({one.share.low:.{digits}f} to {one.share.high:.{digits}f})"
            )
    return ", ".join(said)


def _higher_is_better(gap: Gap) -> bool:
    return gap.unit == "points"


def _side(gap: Gap) -> str:
    return "below" if gap.gap.value > 0 else "above"


def _framework(text: str, clues: Sequence[Clue], *, equal: bool) -> str:
    told = "; ".join(f"{one.what}: A {one.a}, B {one.b}" for one in clues[:_MOST_NAMED])
    said = (
        f" Nothing in the feeds makes it, so look at how they are used: {told}."
        if told
        else (
            " Nothing in the feeds makes it, and nothing that was watched of their use differs:"
            " this may be a fault of the framework."
        )
    )
    head = (
        "Equal feeds, unequal results. " if equal else "Feeds made equal, results still unequal. "
    )
    return head + text + said
