"""The rewrites of a pipeline, by id: each makes a recipe of a recipe, or says why it cannot.

What a rewrite may change is stated per change and not per rewrite: a map whose draws are seeded
can be run in parallel only at the cost of its seed, any other for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from twinfeed._core.finding import Safety
from twinfeed._core.plan import AUTOTUNE
from twinfeed.graph.caching import add_cache, cache_earlier, cache_small, cache_whole, drop_cache
from twinfeed.graph.change import Answer, Apply, Change, Limits, Refusal
from twinfeed.graph.recipe import Recipe, Stage

_MOVES_NOTHING = frozenset({"map", "prefetch", "with_options"})
"""Verbs that give one element for each, in the same order."""

_BATCHES = frozenset({"batch", "padded_batch", "ragged_batch"})


def rewrite(name: str, recipe: Recipe, limits: Limits | None = None) -> Answer:
    """Apply a rewrite.

    Args:
        name: Its id, one of ``REWRITES``.
        recipe: The pipeline.
        limits: What it may use.
    """
    if name not in REWRITES:
        return Refusal(f"the graph is not rewritten by {name}: it needs a change of your code")
    return REWRITES[name](recipe, limits or Limits())


def _shuffle_before(*verbs: str) -> Apply:
    def apply(recipe: Recipe, _limits: Limits) -> Answer:
        at = recipe.index("shuffle")
        first = next((i for i, s in enumerate(recipe.stages) if s.verb in verbs), None)
        if at is None:
            return Refusal("there is no shuffle to move")
        if first is None or first > at:
            return Refusal(f"the shuffle stands before {verbs[0]} already")
        made = recipe.moved(at, first)
        shuffle = recipe.stages[at]
        buffer, size = shuffle.integer("buffer_size"), shuffle.size_in
        batches = any(stage.verb in _BATCHES for stage in recipe.stages[first:at])
        if batches and buffer and buffer > 0 and size:
            made = made.having(first, buffer_size=buffer * size)
        crossed = recipe.stages[first].verb
        return Change(
            made, Safety.UNSAFE, f"the shuffle was put before {crossed}, step {first + 1}"
        )

    return apply


def _shuffle_early(recipe: Recipe, _limits: Limits) -> Answer:
    """Shuffling what is small and not yet worked on; the same examples are drawn in its place."""
    at = recipe.index("shuffle")
    if at is None:
        return Refusal("there is no shuffle to move")
    to = at
    while to > 1 and recipe.stages[to - 1].verb in _MOVES_NOTHING:
        to -= 1
    crossed = recipe.stages[to:at]
    if not any(stage.verb == "map" for stage in crossed):
        return Refusal("no map stands right before the shuffle")
    drawn = any(stage.random and stage.seeded for stage in crossed)
    safety = Safety.UNSAFE if drawn or any(stage.python for stage in crossed) else Safety.SAFE
    names = ", ".join(stage.function for stage in crossed if stage.verb == "map")
    return Change(recipe.moved(at, to), safety, f"the shuffle was put before {names}")


def _shuffle_late(recipe: Recipe, _limits: Limits) -> Answer:
    """Behind maps that draw nothing, where the same order is drawn of finished elements.

    On its own it costs memory; it lets a cache stand in front of the shuffle.
    """
    at = recipe.index("shuffle")
    if at is None:
        return Refusal("there is no shuffle to move")
    to = at
    for stage in recipe.stages[at + 1 :]:
        if stage.verb != "map" or stage.random or stage.python:
            break
        to += 1
    if to == at:
        return Refusal("no map that draws nothing stands right behind the shuffle")
    names = ", ".join(stage.function for stage in recipe.stages[at + 1 : to + 1])
    return Change(recipe.moved(at, to), Safety.SAFE, f"the shuffle was put behind {names}")


def _buffer_size(recipe: Recipe, limits: Limits) -> Answer:
    at = recipe.index("shuffle")
    if at is None:
        return Refusal("there is no shuffle")
    shuffle = recipe.stages[at]
    examples, size = shuffle.examples_in, shuffle.size_in
    if examples is None or not size:
        return Refusal("how many examples reach the shuffle is not known")
    wanted, has = -(-examples // size), shuffle.integer("buffer_size") or 0
    if has < 0 or has >= wanted:
        return Refusal("the buffer holds every element already")
    if limits.memory_bytes and shuffle.bytes_in and wanted * shuffle.bytes_in > limits.memory_bytes:
        wanted = limits.memory_bytes // shuffle.bytes_in
        if wanted <= has:
            return Refusal(f"a larger buffer does not fit into {limits.memory_bytes:,} bytes")
    made = recipe.having(at, buffer_size=wanted)
    return Change(made, Safety.UNSAFE, f"the shuffle's buffer was {has:,} and is {wanted:,}")


def _reshuffle(each: bool) -> Apply:  # noqa: FBT001 - the value it sets
    def apply(recipe: Recipe, _limits: Limits) -> Answer:
        at = recipe.index("shuffle")
        if at is None:
            return Refusal("there is no shuffle")
        if recipe.stages[at].arguments.get("reshuffle_each_iteration") is each:
            return Refusal(f"reshuffle_each_iteration is {each} already")
        made = recipe.having(at, reshuffle_each_iteration=each)
        return Change(made, Safety.UNSAFE, f"reshuffle_each_iteration is {each}")

    return apply


def _parallel(verb: str) -> Apply:
    def apply(recipe: Recipe, limits: Limits) -> Answer:
        stages = list(recipe.stages)
        done: list[Stage] = []
        for at, stage in enumerate(stages):
            calls = stage.integer("num_parallel_calls")
            if stage.arguments.get("draws"):
                continue
            if at and stage.verb == verb and (calls is None or calls == 1):
                stages[at] = stage.having(num_parallel_calls=limits.cores)
                done.append(stage)
        if not done:
            return Refusal(f"every {verb} runs several calls at once already")
        risky = [one for one in done if one.python or (one.random and one.seeded)]
        how = "as many calls as pay" if limits.cores == AUTOTUNE else f"{limits.cores} calls"
        said = f"{', '.join(one.function or verb for one in done)}: {how} at once"
        return Change(Recipe(tuple(stages)), Safety.UNSAFE if risky else Safety.SAFE, said)

    return apply


def _add_prefetch(recipe: Recipe, _limits: Limits) -> Answer:
    last = next(s for s in reversed(recipe.stages) if s.verb != "with_options")
    if last.verb == "prefetch":
        return Refusal("the last step is a prefetch already")
    made = Stage(kind="prefetch", verb="prefetch", arguments={"buffer_size": AUTOTUNE})
    return Change(
        recipe.put(len(recipe.stages), made), Safety.SAFE, "a prefetch was put at the end"
    )


def _in_order(keep: bool) -> Apply:  # noqa: FBT001 - the value it sets
    wanted = "true" if keep else "false"

    def apply(recipe: Recipe, _limits: Limits) -> Answer:
        stages: list[Stage] = []
        for stage in recipe.stages:
            now = stage
            if stage.is_parallel and str(stage.arguments.get("deterministic")).lower() != wanted:
                now = stage.having(deterministic=wanted)
            if "deterministic" in stage.arguments and stage.verb == "with_options":
                left = {n: v for n, v in stage.arguments.items() if n != "deterministic"}
                now = replace(stage, arguments=left, changed=True)
            stages.append(now)
        if tuple(stages) == recipe.stages:
            return Refusal("no step runs several calls at once")
        how = "in order" if keep else "as they are finished"
        return Change(Recipe(tuple(stages)), Safety.UNSAFE, f"parallel steps give elements {how}")

    return apply


def _default_options(recipe: Recipe, _limits: Limits) -> Answer:
    """Leave out the options that hold TensorFlow back."""
    stages: list[Stage] = []
    dropped: list[str] = []
    for stage in recipe.stages:
        slow = [
            name
            for name in stage.arguments
            if stage.verb == "with_options"
            and name.startswith(("autotune.", "experimental_optimization.", "threading."))
        ]
        left = {n: v for n, v in stage.arguments.items() if n not in slow}
        stages.append(replace(stage, arguments=left, changed=True) if slow else stage)
        dropped += slow
    if not dropped:
        return Refusal("no option holds TensorFlow back")
    return Change(Recipe(tuple(stages)), Safety.SAFE, f"left out: {', '.join(dropped)}")


def _drop_repeat(recipe: Recipe, _limits: Limits) -> Answer:
    at = recipe.index("repeat")
    if at is None:
        return Refusal("there is no repeat")
    return Change(recipe.without(at), Safety.UNSAFE, f"the repeat, step {at + 1}, was left out")


def _shard_first(recipe: Recipe, _limits: Limits) -> Answer:
    at = recipe.index("shard")
    if at is None:
        return Refusal("there is no shard")
    if at == 1:
        return Refusal("the shard is the first step already")
    return Change(recipe.moved(at, 1), Safety.UNSAFE, "the shard was put right behind the source")


def batch_before_map(how: str) -> Apply:
    """Call the user's maps on whole batches.

    Args:
        how: ``"plain"`` calls the function as it is, ``"vectorized_map"`` wraps it.
    """

    def apply(recipe: Recipe, _limits: Limits) -> Answer:
        at = recipe.index("batch")
        if at is None:
            return Refusal("there is no batch")
        to = at
        while to > 1 and recipe.stages[to - 1].verb == "map":
            stage = recipe.stages[to - 1]
            if stage.random or stage.python or stage.size_in != 1 or stage.arguments.get("kernel"):
                break
            to -= 1
        if to == at:
            return Refusal("no map that could take whole batches stands right before the batch")
        made = recipe.moved(at, to)
        for place in range(to + 1, at + 1):
            made = made.having(place, vectorised=how)
        names = ", ".join(stage.function for stage in recipe.stages[to:at])
        # Whether the values are the same depends on the function: whoever applies it must look.
        return Change(made, Safety.SAFE, f"{names}: called once per batch")

    return apply


REWRITES: Mapping[str, Apply] = {
    "cache-before-random-map": cache_earlier,
    "cache-before-shuffle": cache_earlier,
    "move-cache": cache_whole,
    "drop-cache": drop_cache,
    "cache-as-uint8": cache_small,
    "add-cache": add_cache,
    "shuffle-before-batch": _shuffle_before(*_BATCHES),
    "shuffle-before-repeat": _shuffle_before("repeat"),
    "shuffle-before-take": _shuffle_before("take"),
    "shuffle-before-map": _shuffle_early,
    "shuffle-behind-map": _shuffle_late,
    "buffer-size": _buffer_size,
    "set-shuffle-buffer": _buffer_size,
    "reshuffle-each-iteration": _reshuffle(each=True),
    "shuffle-once": _reshuffle(each=False),
    "parallel-map": _parallel("map"),
    "interleave-parallel": _parallel("interleave"),
    "parallel-batch": _parallel("batch"),
    "add-prefetch": _add_prefetch,
    "deterministic": _in_order(keep=True),
    "any-order": _in_order(keep=False),
    "default-options": _default_options,
    "drop-repeat": _drop_repeat,
    "shard-first": _shard_first,
    "batch-before-map": batch_before_map("plain"),
    "vectorised-map": batch_before_map("vectorized_map"),
}
"""Every rewrite by its id."""
