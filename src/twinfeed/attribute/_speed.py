"""The gap in seconds per epoch, shared out over the steps that make one feed faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import compress

import numpy as np

from twinfeed._core.attribution import Gap
from twinfeed._core.feed import Feed
from twinfeed._core.finding import Finding
from twinfeed.attribute._causes import Cause
from twinfeed.attribute._gap import Results, gap_of
from twinfeed.attribute._prove import Proved
from twinfeed.feeds import as_feed
from twinfeed.graph.editing import open_chain
from twinfeed.graph.recipe import Recipe
from twinfeed.graph.rewrites import Limits, Refusal, rewrite
from twinfeed.lint._machine import memory_bytes

_LEAST_ROUNDS, _MOST_ROUNDS = 3, 15
_STEPS = {
    "PIP201": ("add-cache", "cache", "B keeps what A keeps in a cache"),
    "PIP202": ("add-prefetch", "prefetch", "B prefetches as A does"),
    "PIP203": ("parallel-map", "parallel map", "B maps in parallel as A does"),
}
"""Finding, rewrite, title, and what is done, where A has the step and B lacks it."""
_OTHERS = ("PIP206", "SPD")


@dataclass(frozen=True, slots=True)
class _Built:
    """A step that B can be given.

    Attributes:
        cause: What it takes away.
        name: The rewrite.
    """

    cause: Cause
    name: str


def timed(
    a: Feed,
    b: Feed,
    dataset: object,
    findings: Iterable[Finding],
    *,
    seconds: float,
    say: Callable[[str], None],
) -> Gap | None:
    """Time whole epochs of A, of B, and of B with each combination of the steps it lacks.

    Epochs are read in turn, round by round, so that a busy moment of the machine meets all of
    them; the first epoch of each fills caches and is not counted.

    Args:
        a: Feed A.
        b: Feed B.
        dataset: What B was made from, whose graph is rewritten if it is a ``tf.data.Dataset``.
        findings: Of the comparison.
        seconds: Seconds to spend, about.
        say: Called with what is being done.

    Returns:
        The gap, or ``None`` where an epoch takes too long to be timed.
    """
    began = time.monotonic()
    found = [one for one in findings if one.code in _STEPS or one.code.startswith(_OTHERS)]
    built, unbuilt = _buildable(dataset, found)
    feeds = [_fresh(a), *(_with(b, dataset, built, arm) for arm in range(1 << len(built)))]
    rows: list[list[float]] = []
    for number in range(-1, _MOST_ROUNDS):
        if number >= _LEAST_ROUNDS and time.monotonic() - began > seconds:
            break
        if number == 0 and _LEAST_ROUNDS * (time.monotonic() - began) > 3 * seconds:
            return None
        say(f"timing epochs, round {number + 1}")
        took = [_epoch_s(feed) for feed in feeds]
        if number >= 0:
            rows.append(took)
    table = np.array(rows)
    causes = [one.cause for one in built] + unbuilt
    proofs = {
        one.cause.key: Proved("proven", "the rewritten pipeline was built and timed")
        for one in built
    } | {one.key: Proved("unbuilt", one.why_not) for one in unbuilt}
    return gap_of(
        Results(a=table[:, 0], table=table[:, 1:], bits=tuple((o.cause.key,) for o in built)),
        causes, proofs, metric="seconds per epoch", when="mean", unit="s",
        method=f"whole epochs read in turn, {len(rows)} rounds, caches full",
    )  # fmt: skip


def _buildable(dataset: object, findings: list[Finding]) -> tuple[list[_Built], list[Cause]]:
    chain = open_chain(dataset)
    built: list[_Built] = []
    unbuilt: list[Cause] = []
    for one in findings:
        step = _STEPS.get(one.code)
        if step is None:
            if not one.code.startswith("SPD"):  # these say how slow, not why
                why = "no rewrite of B's pipeline takes this away: it needs your code"
                title = one.name.replace("-", " ")
                unbuilt.append(Cause(key=one.code, title=title, findings=(one,), why_not=why))
            continue
        name, title, does = step
        answer = chain if isinstance(chain, str) else _rewritten(name, chain.recipe)
        if isinstance(answer, Recipe):
            cause = Cause(key=one.code, title=title, findings=(one,), does=does)
            built.append(_Built(cause, name))
        else:
            unbuilt.append(Cause(key=one.code, title=title, findings=(one,), why_not=answer))
    return built, unbuilt


def _rewritten(name: str, recipe: Recipe) -> Recipe | str:
    answer = rewrite(name, recipe, Limits(memory_bytes=memory_bytes() // 4))
    return answer.why if isinstance(answer, Refusal) else answer.recipe


def _with(b: Feed, dataset: object, built: list[_Built], arm: int) -> Feed:
    if not arm:
        return _fresh(b)
    chain = open_chain(dataset)
    assert not isinstance(chain, str), "what was built can be built again"
    recipe = chain.recipe
    for one in compress(built, [arm >> bit & 1 for bit in range(len(built))]):
        answer = _rewritten(one.name, recipe)
        recipe = answer if isinstance(answer, Recipe) else recipe
    return as_feed(chain.build(recipe))


def _fresh(feed: Feed) -> Feed:
    return feed if feed.fresh is None else feed.fresh()


def _epoch_s(feed: Feed) -> float:
    began = time.perf_counter()
    for _ in feed.open_epoch():
        pass
    return time.perf_counter() - began
