"""Draws that would be others in the next epoch: what stays the same then is not changed by them.

A crop as large as the picture, a brightness of 0 or a shift by whole pixels below 1 draws its numbers
and does nothing. Only where a seed, a cache or the user's own Python may bring the same numbers again
do equal examples leave open whether they were changed.
"""

from __future__ import annotations

from twinfeed._core.plan import Act, Plan, Step


def draws_anew(plan: Plan | None) -> bool:
    """Whether a plan draws, and states that each epoch gets other numbers."""
    steps = [step for step in plan.steps if step.random] if plan else []
    if plan is None or not steps:
        return False
    if any(step.kind == "cache" for step in plan.after(steps[0])):
        return False
    # An ImageDataGenerator goes on with its numbers, or adds the batches it has given to its seed.
    return "ImageDataGenerator" in plan.library or all(_unseeded(step) for step in steps)


def _unseeded(step: Step) -> bool:
    draws = [act for act in step.acts if _draws(act)]
    python = any("PyFunc" in op for op in step.ops)
    return bool(draws) and not python and not any(_seeded(act) for act in draws)


def _draws(act: Act) -> bool:
    return "fixed_seed" in act.settings or any(
        part in act.op for part in ("Random", "Normal", "Stateful", "Distorted", "Multinomial")
    )


def _seeded(act: Act) -> bool:
    return any(act.settings.get(name) for name in ("seed", "seed2", "fixed_seed", "seed_from_data"))
