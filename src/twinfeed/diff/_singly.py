"""Work that one plan does on single examples and the other on whole batches."""

from __future__ import annotations

from dataclasses import dataclass

from twinfeed._core.plan import Plan, Step
from twinfeed._core.plan_facts import called, is_batched, work_steps

_LOOPS = frozenset({"While", "StatelessWhile"})


@dataclass(frozen=True, slots=True)
class Singly:
    """What one side does to single examples.

    Attributes:
        step: Where.
        does: What it does, as a sentence goes on behind the name of its side.
        keeps: What the other side does instead.
    """

    step: Step
    does: str
    keeps: str


@dataclass(frozen=True, slots=True)
class _Units:
    """The steps of one sort by what they are given: single examples or whole batches."""

    single: tuple[Step, ...]
    whole: tuple[Step, ...]


def one_by_one(mine: Plan, theirs: Plan) -> Singly | None:
    """What a side handles one by one of which the other handles batches, as far as plans say."""
    here, there = _maps(mine), _maps(theirs)
    if _more_single(here, there):
        step, other = here.single[-1], there.whole[0]
        does = f"runs {called(step)} on single examples"
        return Singly(step, does, f"runs {called(other)} on whole batches")
    if here.whole and there.whole and (loop := _loop(here)) and not _loop(there):
        does = f"loops over the examples of a batch in {called(loop)}"
        return Singly(loop, does, "handles whole batches without a loop")
    here, there = _sources(mine), _sources(theirs)
    # What a source of another library does to fill a batch is not written in either plan.
    if mine.library == theirs.library and _more_single(here, there):
        step, other = here.single[-1], there.whole[0]
        return Singly(
            step, f"gets single examples ({step.where})", f"gets whole batches ({other.where})"
        )
    apart = _apart(mine)
    if apart is not None and _apart(theirs) is None and any(theirs.of_kind("batch")):
        return Singly(apart, f"takes its batches apart again ({apart.where})", "keeps them whole")
    return None


def _more_single(here: _Units, there: _Units) -> bool:
    return len(here.single) > len(there.single) and len(here.whole) < len(there.whole)


def _maps(plan: Plan) -> _Units:
    steps = [step for step in work_steps(plan) if step.kind != "source"]
    whole = [step for step in steps if is_batched(plan, step)]
    return _Units(tuple(step for step in steps if step not in whole), tuple(whole))


def _loop(units: _Units) -> Step | None:
    """A step that is given batches and loops over them, as ``map_fn`` does."""
    return next((step for step in units.whole if _LOOPS & set(step.ops)), None)


def _sources(plan: Plan) -> _Units:
    """Generators and loaders; what nobody batches behind them comes in batches already."""
    steps = tuple(
        step
        for step in plan.of_kind("source")
        if step.name == "GeneratorDataset" or "torch" in plan.library
    )
    return _Units(steps, ()) if any(plan.of_kind("batch")) else _Units((), steps)


def _apart(plan: Plan) -> Step | None:
    return next((step for step in plan.steps if "Unbatch" in step.name), None)
