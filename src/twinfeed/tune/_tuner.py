"""The work of tuning one dataset, step by step."""

from __future__ import annotations

import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twinfeed.engine._kernels import kernels
from twinfeed.engine.project import FILLS, project
from twinfeed.graph.caching import bytes_held
from twinfeed.graph.recipe import Recipe, Stage, cut, place_to_cut
from twinfeed.graph.written import code
from twinfeed.intervene.prove import changes_between, look
from twinfeed.observe.budget import Budget
from twinfeed.stats.resample import typical
from twinfeed.tune._candidates import Candidate, Knobs, candidates, predict
from twinfeed.tune._costs import ceilings, costs, seconds_per_example
from twinfeed.tune._race import Duel, Entry, Race
from twinfeed.tune._reader import PIPELINE, guarded
from twinfeed.tune._tell import bottleneck, faster, left_as_it_is, trials_of
from twinfeed.tune.outcome import Cost, Tuned

if TYPE_CHECKING:
    from twinfeed.graph._bindings._chain import Chain

_SHARE_OF_DISK = 0.8
"""Of what is free, for a cache on disk."""
_NOT_ONE_BY_ONE = frozenset({"shuffle", "cache", "repeat", "prefetch", "with_options", "snapshot"})
_MOST_CANDIDATES = 20
_LITTLE = 8
_SAMPLE_TURNS = 2.0
_PROOF = Budget(examples=1_000, epochs=2, seconds=8.0, timing_s=0.01, keep_bytes=16 << 20)
_PROVED_BATCHES = 6
_PROVED_EXAMPLES = 256
_MEASURED_ELEMENTS = 32


@dataclass(kw_only=True)
class Tuner:
    """Tunes one dataset.

    Attributes:
        chain: The dataset, taken apart.
        memory: Bytes that caches may take.
        cores: Cores to count on.
        seconds: Seconds to spend, about.
        any_order: Whether the order may change.
        unsafe: Whether Python code may run in several threads.
        cache_dir: A folder for a file cache, or ``None``.
        say: Called with what is being done.
    """

    chain: Chain
    memory: int
    cores: int
    seconds: float
    any_order: bool
    unsafe: bool
    cache_dir: str | None
    say: Callable[[str], None]
    notes: list[str] = field(default_factory=list[str])
    entries: list[Entry] = field(default_factory=list[Entry])

    def __post_init__(self) -> None:
        self.begin = time.perf_counter()
        self.turn_s = min(0.6, max(0.1, self.seconds / 150))
        self.meter: Any = import_module("twinfeed.tune._bindings._meter")
        self.recipe = self.chain.recipe
        self.known: dict[str, Any] = {}
        self.same: dict[tuple[object, ...], bool] = {}
        self.kept: Entry | None = None
        self.token, self.files = uuid.uuid4().hex[:12], count()
        self.paces_s: list[float] = []

    def run(self) -> Tuned:
        """Measure, propose, run in turn, keep what wins."""
        with tempfile.TemporaryDirectory(prefix="twinfeed-", dir=self.cache_dir) as folder:
            self.scratch = Path(folder)
            try:
                return self._run()
            except KeyboardInterrupt:
                return self._partial()

    @cached_property
    def per_element(self) -> int:
        """Examples in an element that leaves the pipeline."""
        if not any(stage.kind == "batch" for stage in self.recipe.stages):
            return 1
        return max(1, int(self.meter.examples_in(self._apart(self.recipe))))

    def _run(self) -> Tuned:
        self.say("measuring the original")
        original = self.meter.Runner(self._apart(self.recipe))
        limit_s = max(2.0, self.seconds / 15)
        ended = original.warm(limit_s)
        turn = original.turn(self.turn_s)
        pace_s = turn.seconds / max(1, turn.elements)
        epoch = self.recipe.stages[-1].elements_out
        self.sample = self._sample(pace_s, epoch, ended=ended)
        if self.sample:
            original = self.meter.Runner(self._measured(self.recipe))
            original.warm(limit_s)
        self._account()
        chosen = self._choose()
        race = Race(
            original=original,
            entries=[Entry(one) for one in chosen],
            open_one=self.open,
            turn_s=self.turn_s,
            warm_s=max(1.0, self.seconds / 20),
            deadline=self.begin + self.seconds * 0.85,
            say=self.say,
        )
        self.entries, self.paces_s = race.entries, race.paces_s
        won = race.decide(self._prove)
        if won is not None:
            return self._won(*won)
        return self._lost()

    def _sample(self, pace_s: float, epoch: int | None, *, ended: bool) -> tuple[int, int] | None:
        """Where the source is cut for measuring, and after how many elements; nothing if it is not."""
        wanted_s = _SAMPLE_TURNS * self.turn_s
        if ended and epoch is not None and epoch * pace_s <= 2 * wanted_s:
            return None
        at = place_to_cut(self.recipe)
        if at is None:
            return None
        examples = max(wanted_s / pace_s, 4) * self.per_element
        self.notes.append(f"measured on the first {int(examples):,} examples")
        return at, int(examples)

    def _measured(self, recipe: Recipe) -> Any:
        """The dataset that stands for a recipe in the race."""
        if self.sample:
            recipe = cut(recipe, self.recipe, self.sample[1])
        return self._apart(recipe)

    def _apart(self, recipe: Recipe) -> Any:
        """The dataset with cache files of its own, which go when tuning ends.

        What is measured may be cut short: in the user's file, or in that of the tuned pipeline, it
        would be taken for the whole ever after. A file that is whole is only read, and stays.
        """
        for number, stage in enumerate(recipe.stages):
            path = stage.arguments.get("filename") if stage.verb == "cache" else None
            if isinstance(path, str) and path and not Path(f"{path}.index").exists():
                file = self.scratch / f"cache-{next(self.files)}"
                recipe = recipe.having(number, filename=str(file))
        return self.chain.build(recipe)

    def _account(self) -> None:
        self.say("reading the running pipeline")
        nodes, spent = self._spent(self.recipe)
        if not nodes:
            self.notes.append("this version of TensorFlow tells nothing of a running pipeline")
        bytes_out = (nodes[0].bytes_out if nodes else 0.0) / self.per_element
        self.spent = spent
        self.costs = costs(self.recipe, spent, self.cores)
        self.ceilings = ceilings(self.recipe, spent, self.cores, bytes_out)

    def _spent(self, recipe: Recipe) -> tuple[list[Any], tuple[float, ...]]:
        """What TensorFlow counts of a running pipeline, and seconds per example of each stage."""
        # A shuffle that swallows an epoch at once would leave nothing running in front of it.
        quick = Recipe(
            tuple(
                stage.having(buffer_size=_LITTLE) if stage.verb == "shuffle" else stage
                for stage in recipe.stages
            )
        )
        built = self._measured(quick)
        if recipe.index("cache") is not None:
            self.meter.Runner(built).warm(max(2.0, self.seconds / 15))
        nodes = self.meter.nodes_of(built, max(0.5, self.seconds / 30))
        return nodes, seconds_per_example(recipe, nodes, self._sizes(recipe))

    def _costs_of(self, recipe: Recipe) -> tuple[Cost, ...]:
        _, spent = self._spent(recipe)
        return costs(recipe, spent, self.cores)

    def _sizes(self, recipe: Recipe) -> list[int]:
        """Examples in an element that leaves each stage."""
        sizes = [self.recipe.stages[1].size_in or 1]
        for stage in recipe.stages[1:]:
            batch = stage.integer("batch_size") if stage.kind == "batch" else None
            sizes.append(1 if stage.verb == "unbatch" else sizes[-1] * (batch or 1))
        return sizes

    def every(self) -> list[Candidate]:
        """Every combination of the knobs, that expected to be fastest first; not yet proved."""
        knobs = Knobs(
            cores=self.cores,
            any_order=self.any_order,
            unsafe=self.unsafe,
            cache_bytes=self._cache_bytes,
            cache_file=None,
            kernel_places=self._kernel_places(),
            crop_places=tuple(self.chain.crop_places()),
            separable=tuple(self.chain.separable()),
        )
        made = candidates(self.recipe, knobs, self.spent)
        if self.cache_dir is not None:
            # A name that was never used: what lies there from another day may be of other data.
            file = str(Path(self.cache_dir) / f"twinfeed-{self.token}")
            on_disk = replace(knobs, cache_bytes=self._file_bytes, cache_file=file)
            made += [one for one in candidates(self.recipe, on_disk, self.spent) if one.cached]
        return sorted(made, key=lambda one: one.predicted_s)

    def _kernel_places(self) -> tuple[int, ...]:
        if kernels() is None:
            return ()
        self.chain.kernel = project
        return tuple(self.chain.kernel_places(frozenset(FILLS)))

    def _choose(self) -> list[Candidate]:
        chosen: list[Candidate] = []
        for one in self.every():
            if len(chosen) == _MOST_CANDIDATES:
                break
            if self.fits(one):
                chosen.append(one)
        return chosen

    def _cache_bytes(self, recipe: Recipe, place: int) -> int | None:
        held = self._held(recipe, place)
        return held if held is not None and held <= self.memory else None

    def _file_bytes(self, recipe: Recipe, place: int) -> int | None:
        held = self._held(recipe, place)
        if held is None or held <= self.memory or self.cache_dir is None:
            return None
        free = shutil.disk_usage(self.cache_dir).free
        return held if held <= _SHARE_OF_DISK * free else None

    def _held(self, recipe: Recipe, place: int) -> int | None:
        """Bytes of a whole epoch in front of a stage; ``None`` if no cache may be there."""
        if self.sample and place < self.sample[0]:
            return None
        stages = recipe.stages[:place]
        prefix = Recipe(stages)
        if any(stage.python for stage in stages) and not self._is_the_same(prefix, prefix):
            return None
        held = bytes_held(recipe, place)
        if held is not None:
            return held
        key = str([stage.origin for stage in stages])
        if key not in self.known:
            built = self._apart(prefix)
            mean, _ = self.meter.bytes_of(built, most=_MEASURED_ELEMENTS, seconds=1.0)
            elements = stages[-1].elements_out
            if elements is None:
                elements = self._counted(built)
            self.known[key] = None if elements is None else int(mean * elements)
        found: int | None = self.known[key]
        return found

    def _counted(self, built: Any) -> int | None:
        """Elements of an epoch where TensorFlow does not know them; ``None`` if it takes long."""
        end = time.perf_counter() + max(3.0, self.seconds / 20)
        found = 0
        for _ in guarded(built):
            found += 1
            if time.perf_counter() > end:
                self.notes.append("an epoch is too long to be counted, so no cache was tried")
                return None
        return found

    def fits(self, one: Candidate) -> bool:
        """Whether a candidate can be built and gives elements of the same form and values."""
        try:
            built = self.chain.build(one.recipe)
        except (TypeError, ValueError):
            return False
        if built.element_spec != self.chain.dataset.element_spec:
            return False
        return not one.vectorised or self._is_the_same(self.recipe, one.recipe)

    def _is_the_same(self, left: Recipe, right: Recipe) -> bool:
        """Whether two pipelines give the same elements, less what only changes order."""
        stripped = _one_by_one(left), _one_by_one(right)
        key = tuple(
            (s.origin, s.arguments.get("vectorised"), s.arguments.get("crop"))
            for side in stripped
            for s in side.stages
        )
        if key not in self.same:
            try:
                built = [self.chain.build(side) for side in stripped]
                self.same[key] = self.meter.is_same(
                    *built, most=_PROVED_BATCHES * self.per_element, seconds=1.5
                )
            except Exception:  # noqa: BLE001 - a function that cannot take batches raises anything
                self.same[key] = False
        return self.same[key]

    def open(self, one: Candidate) -> Any:
        """The reader of a candidate in the race."""
        return self.meter.Runner(self._measured(one.recipe))

    def _prove(self, one: Candidate) -> str:
        """What the tuned pipeline feeds otherwise; empty if nothing."""
        self.say("looking at both")
        most = _PROVED_EXAMPLES // (self.recipe.stages[1].size_in or 1) or 1
        traces = [
            look(self._apart(cut(recipe, self.recipe, most)), name=name, budget=_PROOF)
            for name, recipe in ((PIPELINE, self.recipe), ("tuned", one.recipe))
        ]
        seen = [
            text
            for text in changes_between(*traces)
            if not (self.any_order and text.startswith("ORD"))
        ]
        return seen[0] if seen else ""

    def _won(self, entry: Entry, duel: Duel) -> Tuned:
        one = entry.candidate
        before, after = duel.elements_per_s
        rates = (before * self.per_element, after * self.per_element)
        self.kept = entry
        self._warn_of_variables(one)
        return replace(
            self._told(),
            kind="faster",
            text=faster(duel.ratio, rates, self.cores, one),
            dataset=self.chain.build(one.recipe),
            code=code(one.recipe),
            changes=one.changes,
            ratio=duel.ratio,
            examples_per_s=rates,
            step_ms=duel.step_ms,
            rounds=duel.rounds_ms,
            costs_after=self._costs_of(one.recipe),
            predicted=sum(self.spent) and self._before_s() / one.predicted_s,
            proof="both were read and feed the same examples, values and order",
            cache_bytes=one.cache_bytes,
        )

    def _warn_of_variables(self, one: Candidate) -> None:
        """Say whose values a new cache keeps, should the user mean to assign others later."""
        at = one.recipe.index("cache") if one.cached else None
        names = [s.function or s.verb for s in one.recipe.stages[: at or 0] if s.variables]
        if names:
            self.notes.append(
                f"{' and '.join(names)} reads a variable: the cache keeps what its value gave; "
                "if you assign another one between epochs, leave the cache out"
            )

    def _lost(self) -> Tuned:
        told = replace(self._told(), text=left_as_it_is(self.entries, self.cores))
        if not self.paces_s:
            return told
        step = typical(np.array(self.paces_s) * 1e3)
        rate = self.per_element * 1e3 / step.value
        return replace(told, step_ms=(step,), examples_per_s=(rate, rate))

    def _partial(self) -> Tuned:
        told = self._told() if hasattr(self, "costs") else Tuned(kind="partial", text="")
        best = max(self.entries, key=lambda one: one.typical, default=None)
        text = "Interrupted before anything was sure: your own pipeline is left as it is."
        done = replace(told, kind="partial", text=text, dataset=self.chain.dataset, complete=False)
        if best is None or len(best.ratios) < 2 or min(best.ratios) <= 1.0:
            return done
        text = (
            f"Interrupted. The best so far was {best.typical:.2f} times as fast in "
            f"{len(best.ratios)} turns; it was not compared to the end."
        )
        made = best.candidate
        return replace(
            done,
            text=text,
            dataset=self.chain.build(made.recipe),
            code=code(made.recipe),
            changes=made.changes,
        )

    def _before_s(self) -> float:
        by_origin = {
            stage.origin: cost for stage, cost in zip(self.recipe.stages, self.spent, strict=True)
        }
        return predict(self.recipe, by_origin, self.cores)

    def _told(self) -> Tuned:
        return Tuned(
            kind="as-it-is",
            text="",
            dataset=self.chain.dataset,
            bottleneck=bottleneck(self.costs, self.ceilings, self.cores),
            ceilings=self.ceilings,
            costs=self.costs,
            trials=trials_of(self.entries, self._before_s(), self.kept),
            cores=self.cores,
            examples_per_step=self.per_element,
            code_before=code(self.recipe),
            took_s=time.perf_counter() - self.begin,
            notes=tuple(self.notes),
        )


def _one_by_one(recipe: Recipe) -> Recipe:
    """The stages that make elements, up to the last one that can be proved without chance."""
    kept: list[Stage] = []
    for stage in recipe.stages:
        if stage.random and stage.verb == "map":
            break
        if stage.verb not in _NOT_ONE_BY_ONE:
            kept.append(stage)
    return Recipe(tuple(kept))
