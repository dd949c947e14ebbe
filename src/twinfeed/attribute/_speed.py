"""The gap in seconds per epoch, shared out over the steps that make one feed faster."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from twinfeed._core.attribution import Gap
from twinfeed._core.feed import Feed
from twinfeed._core.finding import Finding
from twinfeed.attribute._causes import Cause
from twinfeed.attribute._gap import Results, gap_of
from twinfeed.attribute._prove import Proved
from twinfeed.feeds import as_feed
from twinfeed.graph.change import Limits, Refusal
from twinfeed.graph.editing import open_chain
from twinfeed.graph.recipe import Recipe
from twinfeed.graph.rewrites import rewrite
from twinfeed.lint._machine import memory_bytes

_LEAST_ROUNDS, _MOST_ROUNDS = 3, 15
_MOST_COMBINED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How B's graph is made like A's in one respect.

    Attributes:
        title: What differs.
        side: The name in the evidence of the finding that tells whose step it is.
        like_a: Rewrites of which the first that fits gives B what A has, and what that does;
            several in one name are done one after another.
        unlike_b: The same for what B has and A lacks.
    """

    title: str
    side: str
    like_a: tuple[tuple[str, ...], str]
    unlike_b: tuple[tuple[str, ...], str]


_STEPS = {
    "PIP201": _Way(
        title="cache", side="side_with_cache",
        like_a=(("add-cache", "shuffle-behind-map add-cache"), "B keeps what A keeps in a cache"),
        unlike_b=(("drop-cache",), "B makes its examples again in each epoch as A does"),
    ),
    "PIP202": _Way(
        title="prefetch", side="side_with_prefetch",
        like_a=(("add-prefetch",), "B prefetches as A does"),
        unlike_b=(("drop-prefetch",), "B no longer prefetches, as A does not"),
    ),
    "PIP203": _Way(
        title="parallel map", side="parallel_side",
        like_a=(("parallel-map",), "B maps in parallel as A does"),
        unlike_b=(("one-call-at-a-time",), "B maps one call at a time as A does"),
    ),
    "PIP205": _Way(
        title="place of the shuffle", side="side",
        like_a=(("shuffle-behind-map",), "B shuffles finished examples as A does"),
        unlike_b=(
            ("shuffle-before-batch", "shuffle-before-repeat", "shuffle-before-map"),
            "B shuffles earlier, as A does",
        ),
    ),
}  # fmt: skip
"""By finding."""
_OTHERS = ("PIP206", "PIP207", "SPD")


@dataclass(frozen=True, slots=True)
class _Built:
    """A change of B's graph.

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
    say("timing epochs, filling caches")
    a_s, b_s = (_epoch_s(_fresh(feed)) for feed in (a, b))
    count = combined(a_s, b_s, seconds=seconds)
    why = f"not all combinations of epochs of {b_s:.1f} s fit into {seconds:.0f} s: --timing"
    unbuilt = [replace(one.cause, does="", why_not=why) for one in built[count:]] + unbuilt
    built = built[:count]  # the most important ones are first
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


def combined(a_s: float, b_s: float, *, seconds: float) -> int:
    """How many causes can be timed in all their combinations.

    Args:
        a_s: Seconds of an epoch of A.
        b_s: Seconds of an epoch of B.
        seconds: Seconds to spend, about.
    """
    arms = (seconds / (_LEAST_ROUNDS + 1) - a_s) / max(b_s, 1e-9)
    return min(_MOST_COMBINED, max(0, int(math.log2(max(arms, 1.0)))))


def _buildable(dataset: object, findings: list[Finding]) -> tuple[list[_Built], list[Cause]]:
    chain = open_chain(dataset)
    built: list[_Built] = []
    unbuilt: list[Cause] = []
    for one in findings:
        way = _STEPS.get(one.code)
        if way is None:
            if not one.code.startswith("SPD"):  # these say how slow, not why
                why = "no rewrite of B's pipeline takes this away: it needs your code"
                title = one.name.replace("-", " ")
                unbuilt.append(Cause(key=one.code, title=title, findings=(one,), why_not=why))
            continue
        names, does = way.unlike_b if one.evidence.get(way.side) == "B" else way.like_a
        name, why_not = (
            ("", chain) if isinstance(chain, str) else _first_fitting(names, chain.recipe)
        )
        cause = Cause(key=one.code, title=way.title, findings=(one,), does=does, why_not=why_not)
        if name:
            built.append(_Built(cause, name))
        else:
            unbuilt.append(replace(cause, does=""))
    return built, unbuilt


def _first_fitting(names: tuple[str, ...], recipe: Recipe) -> tuple[str, str]:
    """The first of these rewrites that applies, or an empty name and why the last does not."""
    why_not = ""
    for name in names:
        answer = _rewritten(name, recipe)
        if isinstance(answer, Recipe):
            return name, ""
        why_not = answer
    return "", why_not


def _rewritten(names: str, recipe: Recipe) -> Recipe | str:
    for name in names.split():
        answer = _step_rewritten(name, recipe)
        if isinstance(answer, str):
            return answer
        recipe = answer
    return recipe


def _step_rewritten(name: str, recipe: Recipe) -> Recipe | str:
    if name == "drop-prefetch":
        left = [stage for stage in recipe.stages if stage.verb != "prefetch"]
        return Recipe(tuple(left)) if len(left) < len(recipe.stages) else "there is no prefetch"
    if name == "one-call-at-a-time":
        stages = [
            stage.having(num_parallel_calls=1) if stage.is_parallel else stage
            for stage in recipe.stages
        ]
        return Recipe(tuple(stages))
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
