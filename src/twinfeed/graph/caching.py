"""Where a cache may stand, and the rewrites that put one there."""

from __future__ import annotations

from twinfeed._core.finding import Safety
from twinfeed.graph.change import Answer, Change, Limits, Refusal
from twinfeed.graph.recipe import Recipe, Stage

_MOVES_NOTHING = frozenset({"map", "prefetch", "with_options", "cache"})
"""Verbs that give one element for each, in the same order."""


def frozen_by(recipe: Recipe, at: int) -> list[Stage]:
    """The stages in front of a place whose result differs between epochs."""
    return [stage for stage in recipe.stages[:at] if varies(stage)]


def cache_places(recipe: Recipe) -> list[int]:
    """Places for a cache that keeps examples, order and distribution, early ones first.

    A cache stands behind something that is worth keeping, and before everything that differs
    between epochs. What Python code does cannot be seen: such places are given, and have to be
    proved by reading two epochs.
    """
    places: list[int] = []
    for at in range(1, len(recipe.stages) + 1):
        before = recipe.stages[at - 1]
        if varies(before) or before.verb in {"repeat", "cache", "with_options"}:
            if before.verb == "with_options":
                continue
            break
        if before.verb == "prefetch" or (
            before.kind == "source" and before.verb != "from_generator"
        ):
            continue
        places.append(at)
    return places


def varies(stage: Stage) -> bool:
    """Whether a stage may give something else in the next epoch."""
    if stage.random:
        return True
    return stage.kind == "shuffle" and stage.arguments.get("reshuffle_each_iteration") is not False


def cache_earlier(recipe: Recipe, _limits: Limits) -> Answer:
    """Before the first stage that differs between epochs."""
    at = recipe.index("cache", "snapshot")
    if at is None:
        return Refusal("there is no cache to move")
    if recipe.stages[at].verb == "snapshot":
        return Refusal("a snapshot keeps its files: change its place in your code")
    first = next((i for i, stage in enumerate(recipe.stages[:at]) if varies(stage)), None)
    if first is None:
        return Refusal("nothing before the cache differs between epochs")
    if first == 0:
        return Refusal("the source itself draws, so every cache behind it freezes it")
    moved = _fresh_file(recipe.moved(at, first), first)
    name = recipe.stages[first].function or recipe.stages[first].verb
    return Change(moved, Safety.UNSAFE, f"the cache was put before {name}, step {first + 1}")


def cache_whole(recipe: Recipe, limits: Limits) -> Answer:
    """Where a cache is read to its end: before a repeat, behind a take."""
    at = recipe.index("cache")
    if at is None:
        return Refusal("there is no cache to move")
    verbs = [stage.verb for stage in recipe.stages]
    if "repeat" in verbs[:at]:
        to = verbs.index("repeat")
        if any(varies(stage) for stage in recipe.stages[:at]):
            return Refusal("what differs between epochs stands before it, and would be frozen")
        made = _fresh_file(recipe.moved(at, to), to)
        return Change(made, Safety.SAFE, f"the cache was put before repeat, step {to + 1}")
    if "take" in verbs[at:]:
        to = at + verbs[at:].index("take")
        if any(varies(stage) for stage in recipe.stages[at:to]):
            return Refusal("what differs between epochs stands before the take")
        made = _fresh_file(recipe.moved(at, to), to)
        return Change(made, Safety.SAFE, "the cache was put behind take")
    return cache_earlier(recipe, limits)


def _fresh_file(recipe: Recipe, at: int) -> Recipe:
    """A cache in another place must not read the file that was written at the old one."""
    path = recipe.stages[at].arguments.get("filename")
    if isinstance(path, str) and path:
        return recipe.having(at, filename=f"{path}.moved")
    return recipe


def drop_cache(recipe: Recipe, _limits: Limits) -> Answer:
    """Without the cache."""
    at = recipe.index("cache")
    if at is None:
        return Refusal("there is no cache to leave out")
    safety = Safety.UNSAFE if frozen_by(recipe, at) else Safety.SAFE
    return Change(recipe.without(at), safety, f"the cache, step {at + 1}, was left out")


def cache_small(recipe: Recipe, _limits: Limits) -> Answer:
    """Before the maps that make elements larger, while nothing that draws is crossed."""
    at = recipe.index("cache")
    if at is None:
        return Refusal("there is no cache to move")
    best, least = at, recipe.stages[at].bytes_in
    for place in range(at - 1, 0, -1):
        crossed = recipe.stages[place]
        if crossed.verb not in _MOVES_NOTHING or varies(crossed):
            break
        if least and crossed.bytes_in and crossed.bytes_in < least and not crossed.python:
            best, least = place, crossed.bytes_in
    if best == at:
        return Refusal("no place before the cache has smaller elements of a fixed size")
    was = recipe.stages[at].bytes_in or 0
    said = f"the cache was put where an element has {least:,} bytes and not {was:,}"
    return Change(_fresh_file(recipe.moved(at, best), best), Safety.SAFE, said)


def add_cache(recipe: Recipe, limits: Limits) -> Answer:
    """A new one, behind all that every epoch repeats."""
    if recipe.index("cache", "snapshot") is not None:
        return Refusal("there is a cache already")
    places = cache_places(recipe)
    if not places:
        return Refusal("everything differs between epochs from the source on")
    at = places[-1]
    if any(stage.python for stage in recipe.stages[:at]):
        return Refusal("Python code runs before it, and may give other examples each epoch")
    held = bytes_held(recipe, at)
    if held is None:
        return Refusal("how much memory it takes cannot be told from the graph")
    if limits.memory_bytes is not None and held > limits.memory_bytes:
        return Refusal(f"it would take {held:,} bytes, and {limits.memory_bytes:,} are allowed")
    made = recipe.put(at, Stage(kind="cache", verb="cache", arguments={"filename": ""}))
    return Change(made, Safety.SAFE, f"a cache of {held:,} bytes was put in as step {at + 1}")


def bytes_held(recipe: Recipe, at: int) -> int | None:
    """Bytes of an epoch at a place; ``None`` where the graph does not tell."""
    before = recipe.stages[at - 1]
    if before.bytes_out is None or before.elements_out is None:
        return None
    return before.bytes_out * before.elements_out
