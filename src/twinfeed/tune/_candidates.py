"""The pipelines that may be faster: every combination of the knobs that keeps the examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from twinfeed._core.finding import Safety
from twinfeed._core.plan import AUTOTUNE
from twinfeed.graph.caching import cache_places
from twinfeed.graph.change import Change, Limits
from twinfeed.graph.recipe import Recipe, Stage
from twinfeed.graph.rewrites import rewrite

_HIT_S = 5e-6
_PER_CALL_S = 15e-6
"""Per element: reading a cache, and handing a call to another thread."""
_TELLING_S = 50e-6
"""Of filling a cache, per example: what takes less longer is the same."""
_MAY_CUT = frozenset({"take", "take_while"})
_SHARE_OF_DRAWS = 0.05
_WORTH_BYTES = 1 << 20
"""Batches that are smaller are copied in less time than it takes to hand them over."""
_SAVED_BY_BATCHES = 0.6
_SAVED_BY_KERNEL = 0.4
_SAVED_BY_CROP = 0.8
"""Guessed before it is measured: what a map on whole batches, or with the kernel, costs then."""

MaySpend = Callable[[Recipe, int], int | None]
"""Bytes that a cache in front of a stage of a pipeline would take; ``None`` where it may not be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A pipeline that may be faster.

    Attributes:
        name: What is different in it.
        recipe: Its stages.
        changes: What was done, a line each.
        cached: Whether it has a cache that the original has not.
        cache_bytes: Bytes that this cache takes.
        vectorised: Whether maps were given whole batches, or decode less: it must be proved.
        predicted_s: Expected seconds per example.
    """

    name: str
    recipe: Recipe
    changes: tuple[str, ...] = ()
    cached: bool = False
    cache_bytes: int = 0
    vectorised: bool = False
    predicted_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What may be turned.

    Attributes:
        cores: Cores to count on.
        any_order: Whether the order of the examples may change from run to run.
        unsafe: Whether Python code may run in several threads, and seeded draws lose their seed.
        cache_bytes: Bytes of a cache in front of a stage; ``None`` where it may not be.
        cache_file: Where a file cache may lie; ``None`` for in memory only.
        kernel_places: Stages whose affine transforms the compiled kernel can take over.
        crop_places: Stages that decode a JPEG of which they use only what they crop.
        separable: Stages whose draws can be made apart from what is done with them.
    """

    cores: int
    any_order: bool
    unsafe: bool
    cache_bytes: MaySpend
    cache_file: str | None = None
    kernel_places: tuple[int, ...] = ()
    crop_places: tuple[int, ...] = ()
    separable: tuple[int, ...] = ()


def candidates(recipe: Recipe, knobs: Knobs, spent: Sequence[float]) -> list[Candidate]:
    """Every combination, the one expected to be fastest first; the original is not among them.

    What stands in front of a cache that is full does not run, so forms that differ there only are
    one form: of these, the one that is expected to fill the cache soonest is given.

    Args:
        recipe: The original.
        knobs: What may be turned.
        spent: Seconds per example of each stage of the original.
    """
    by_origin = {stage.origin: cost for stage, cost in zip(recipe.stages, spent, strict=True)}
    own = _steady(recipe)
    found: dict[object, tuple[tuple[float, int], Candidate]] = {}
    for made in _combined(recipe, knobs):
        key = _steady(made.recipe)
        if key == own:
            continue
        filling = predict(made.recipe, by_origin, knobs.cores, full=False)
        rank = (round(filling / _TELLING_S), len(made.changes) + made.vectorised)
        if key not in found or rank < found[key][0]:
            cost = predict(made.recipe, by_origin, knobs.cores)
            found[key] = rank, replace(made, predicted_s=cost)
    return sorted((one for _, one in found.values()), key=lambda one: one.predicted_s)


def predict(
    recipe: Recipe, by_origin: dict[int | None, float], cores: int, *, full: bool = True
) -> float:
    """Expected seconds per example of a pipeline whose cache, if any, is full."""
    cached = next((n for n, stage in enumerate(recipe.stages) if stage.verb == "cache"), None)
    if not full:
        cached = None
    alone = shared = 0.0
    for stage in recipe.stages[cached or 0 :]:
        cost = by_origin.get(stage.origin, 0.0)
        if stage.verb == "cache":
            cost = _HIT_S
        if stage.arguments.get("vectorised"):
            cost *= _SAVED_BY_BATCHES
        if stage.arguments.get("kernel"):
            cost *= _SAVED_BY_KERNEL
        if stage.arguments.get("crop"):
            cost *= _SAVED_BY_CROP
        if stage.arguments.get("draws"):
            cost *= _SHARE_OF_DRAWS
        if stage.is_parallel and not stage.python:
            shared += cost
            # Handing an element to another thread is work of the thread that hands it on.
            alone += 0.0 if stage.arguments.get("vectorised") else _PER_CALL_S
        else:
            alone += cost
    return max(alone, (alone + shared) / cores, 1e-9)


def _steady(recipe: Recipe) -> tuple[object, ...]:
    """What runs once a cache is full, and of which steps it was filled."""
    stages, verbs = recipe.stages, [stage.verb for stage in recipe.stages]
    at = recipe.index("cache")
    if at is None or "repeat" in verbs[:at] or not _MAY_CUT.isdisjoint(verbs[at:]):
        at = 0  # it may never be full
    filled = frozenset((stage.origin, stage.verb) for stage in stages[:at])
    running = (
        (stage.origin, stage.verb, tuple(sorted(stage.arguments.items(), key=str)))
        for stage in stages[at:]
    )
    return (filled, *running)


def _combined(recipe: Recipe, knobs: Knobs) -> Iterator[Candidate]:
    for start in _inside(Candidate(name="", recipe=recipe), knobs):
        yield from _turned(start, knobs)


def _inside(start: Candidate, knobs: Knobs) -> Iterator[Candidate]:
    """With other operations inside of the user's functions."""
    yield start
    yield from _with_inside(start, "kernel", knobs.kernel_places)
    for cropped in _with_inside(start, "crop", knobs.crop_places):
        yield cropped
        yield from _with_inside(cropped, "kernel", knobs.kernel_places)


_INSIDE = {
    "kernel": ("compiled kernel", "affine transforms by twinfeed's compiled kernel"),
    "crop": ("decode and crop", "of a JPEG only what is cropped is decoded"),
}


def _with_inside(start: Candidate, what: str, places: Sequence[int]) -> Iterator[Candidate]:
    if not places:
        return
    made = start.recipe
    for place in places:
        made = made.having(place, **{what: True})
    names = ", ".join(start.recipe.stages[place].function for place in places)
    short, said = _INSIDE[what]
    yield replace(
        start,
        name=f"{start.name}, {short}".removeprefix(", "),
        recipe=made,
        changes=(*start.changes, f"{names}: {said}"),
        vectorised=start.vectorised or what == "crop",
    )


def _turned(start: Candidate, knobs: Knobs) -> Iterator[Candidate]:
    for free in _with(start, ["default-options"], knobs):
        for cached in (*_caches(free, knobs), *_late_caches(free, knobs)):
            for early in _with(cached, ["shuffle-before-map"], knobs):
                for batched in _with(early, ["batch-before-map", "vectorised-map"], knobs):
                    for parallel in _parallel(batched, knobs):
                        for fetched in _with(parallel, ["add-prefetch"], knobs, only=True):
                            yield from _last(fetched, knobs)


def _with(
    start: Candidate, names: Sequence[str], knobs: Knobs, *, only: bool = False
) -> Iterator[Candidate]:
    """The candidate as it is, and with each of the rewrites; only with, where that is asked."""
    made = [done for name in names if (done := _after(start, name, knobs, AUTOTUNE)) is not None]
    if not (only and made):
        yield start
    yield from made


def _after(start: Candidate, name: str, knobs: Knobs, cores: int) -> Candidate | None:
    answer = rewrite(name, start.recipe, Limits(cores=cores))
    if not isinstance(answer, Change):
        return None
    if answer.safety is not Safety.SAFE and not knobs.unsafe and name != "any-order":
        return None
    return Candidate(
        name=f"{start.name}, {_SHORT[name]}".removeprefix(", "),
        recipe=answer.recipe,
        changes=(*start.changes, answer.said),
        cached=start.cached,
        cache_bytes=start.cache_bytes,
        vectorised=start.vectorised or name in {"batch-before-map", "vectorised-map"},
    )


_SHORT = {
    "default-options": "TensorFlow's own options",
    "batch-before-map": "maps on batches",
    "vectorised-map": "maps vectorised",
    "parallel-map": "parallel maps",
    "parallel-batch": "parallel batches",
    "interleave-parallel": "parallel reading",
    "add-prefetch": "prefetch",
    "any-order": "any order",
    "shuffle-before-map": "shuffle early",
    "shuffle-behind-map": "shuffle late",
}


def _caches(start: Candidate, knobs: Knobs) -> Iterator[Candidate]:
    yield start
    if any(stage.verb in {"cache", "snapshot"} for stage in start.recipe.stages):
        moved = _after_cache_move(start)
        if moved is not None:
            yield moved
        return
    for place in cache_places(start.recipe):
        held = knobs.cache_bytes(start.recipe, place)
        if held is None:
            continue
        behind = start.recipe.stages[place - 1]
        name = behind.function or behind.verb
        where = "in memory" if knobs.cache_file is None else f"in {knobs.cache_file}"
        cache = Stage(kind="cache", verb="cache", arguments={"filename": knobs.cache_file or ""})
        yield Candidate(
            name=f"{start.name}, cache behind {name}".removeprefix(", "),
            recipe=start.recipe.put(place, cache),
            changes=(*start.changes, f"a cache of {held:,} bytes {where}, behind {name}"),
            cached=True,
            cache_bytes=held,
        )


def _late_caches(start: Candidate, knobs: Knobs) -> Iterator[Candidate]:
    """Caches of finished elements, where the shuffle of their names is put behind them."""
    late = _after(start, "shuffle-behind-map", knobs, AUTOTUNE)
    if late is None:
        return
    known = {one.name for one in _caches(start, knobs)}
    for cached in _caches(late, knobs):
        if cached.cached and cached.name not in known:
            yield cached


def _after_cache_move(start: Candidate) -> Candidate | None:
    answer = rewrite("cache-as-uint8", start.recipe)
    if not isinstance(answer, Change) or answer.safety is not Safety.SAFE:
        return None
    return Candidate(
        name=f"{start.name}, cache of smaller elements".removeprefix(", "),
        recipe=answer.recipe,
        changes=(*start.changes, answer.said),
        cached=True,
    )


def _parallel(start: Candidate, knobs: Knobs) -> Iterator[Candidate]:
    yield from _batched_at_once(start, knobs)
    for cores in (AUTOTUNE, knobs.cores):
        made = _apart(start, knobs, cores)
        for name in ("interleave-parallel", "parallel-map"):
            made = _after(made, name, knobs, cores) or made
        if made is not start:
            how = "as many as pay" if cores == AUTOTUNE else str(cores)
            yield from _batched_at_once(replace(made, name=f"{made.name} ({how})"), knobs)


def _batched_at_once(start: Candidate, knobs: Knobs) -> Iterator[Candidate]:
    """Also with several batches put together at once, where these are large."""
    yield start
    at = start.recipe.index("batch")
    if at is None or (start.recipe.stages[at].bytes_out or 0) < _WORTH_BYTES:
        return
    if (made := _after(start, "parallel-batch", knobs, AUTOTUNE)) is not None:
        yield made


def _apart(start: Candidate, knobs: Knobs, cores: int) -> Candidate:
    """Draws made one by one, and what is done with them at once; as it is where nothing draws."""
    stages: list[Stage] = []
    names: list[str] = []
    for stage in start.recipe.stages:
        if stage.origin not in knobs.separable or stage.is_parallel:
            stages.append(stage)
            continue
        kernel = {name: True for name in _INSIDE if stage.arguments.get(name)}
        first = replace(stage.having(draws=True), arguments={"draws": True})
        stages.append(first)
        then = {"drawn": True, "num_parallel_calls": cores, **kernel}
        stages.append(replace(stage, arguments=then, random=False, seeded=False, changed=True))
        names.append(stage.function)
    if not names:
        return start
    said = f"{', '.join(names)}: draws one by one, what is done with them at once"
    return replace(
        start,
        name=f"{start.name}, draws apart".removeprefix(", "),
        recipe=Recipe(tuple(stages)),
        changes=(*start.changes, said),
    )


def _last(start: Candidate, knobs: Knobs) -> Iterator[Candidate]:
    yield start
    if knobs.any_order and (loose := _after(start, "any-order", knobs, AUTOTUNE)) is not None:
        yield loose
