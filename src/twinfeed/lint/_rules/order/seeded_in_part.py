"""A seed that does not decide the order.

## What it does
Looks for pipelines in which someone set a seed and something else decides the order all the same: an
unseeded shuffle beside a seeded one, or parallel work with `deterministic=False`. A seed that only keeps
the parts of a split apart is none that decides the order.

## Why it matters
Two runs that are meant to be equal are not, and the difference is looked for elsewhere. Reading files in
parallel in any order is fast and fine as long as nobody counts on the seed.

## Example
```python
ds = tf.data.Dataset.range(1_000)
ds = ds.shuffle(100).batch(10).shuffle(10, seed=7)
model.fit(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000)
ds = ds.shuffle(100, seed=6).batch(10).shuffle(10, seed=7)
model.fit(ds)
```

## Fix safety
Unsafe: another order; and order kept may cost speed.
"""

from collections.abc import Iterator, Sequence

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Setting, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    draws_order_anew,
    is_fused,
    is_seeded,
    options,
    spots,
    takes_a_part,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a seeded pipeline whose order still changes from run to run."""
    plan = subject.plan
    if plan is None or plan.library != "tf.data":
        return
    shuffles = list(spots(plan, "shuffle"))
    seeded = [
        step for step, lines in shuffles if is_seeded(step) and not _splits(subject, lines, step)
    ]
    if not seeded:
        return
    for step, _ in shuffles:
        if not is_seeded(step):
            what = "names of files" if step.settings.get("unit") == "files" else "order"
            yield RULE.finding(
                subject,
                f"{seeded[0].where} has a seed, but this shuffle has none, so the {what} changes"
                " from run to run",
                step=step,
                evidence={"seeded": seeded[0].where},
                fix=Fix("Give each shuffle a seed", "shuffle(n, seed=...)", Safety.UNSAFE),
                size=0.4,
            )
    for step, lines in spots(plan, "map", "augment", "decode", "resize", "source", "other"):
        if _in_any_order(plan, lines[0], step):
            yield RULE.finding(
                subject,
                f"{seeded[0].where} has a seed, but parallel calls give their results as they come"
                " (deterministic=False), so the order changes from run to run",
                step=step,
                evidence={"seeded": seeded[0].where, "parallel_calls": step.parallel_calls},
                fix=Fix(
                    "Keep the order",
                    "options.deterministic = True",
                    Safety.SAFE,
                    rewrite="deterministic",
                ),
                size=0.5,
            )


def _splits(subject: Subject, lines: Sequence[Plan], step: Step) -> bool:
    """Whether a seed is there for the parts of a split: behind it, or in a folder read in parts."""
    if not draws_order_anew(step):
        return any(takes_a_part(one) for line in lines for one in line.after(step))
    folders = {_folder(line) for line in lines} - {None}
    others = [other.plan for other in subject.others if other.plan is not None]
    return bool(folders) and any(_folder(other) in folders for other in others)


def _folder(line: Plan) -> Setting:
    """The folder that the source of a line listed."""
    return next((step.settings.get("directory") for step in line.of_kind("source")), None)


def _in_any_order(plan: Plan, line: Plan, step: Step) -> bool:
    if step.parallel_calls == 1 or "num_parallel_calls" not in step.settings:
        return False
    said = str(step.settings.get("deterministic", "default")).lower()
    if said == "default":
        said = str(options(plan).get("deterministic", True)).lower()
    # A map that is fused with its batch keeps the order inside.
    return said == "false" and not (step.name.startswith("ParallelMap") and is_fused(line, step))


RULE = Rule(
    code="ORD106",
    name="seeded-in-part",
    severity=Severity.NOTE,
    tags=("order-not-reproducible",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="deterministic",
)
