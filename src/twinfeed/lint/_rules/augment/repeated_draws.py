"""A seed that makes every epoch draw the same augmentation.

## What it does
Looks for random operations with a seed, by argument or by `tf.random.set_seed`, in a training feed that
is begun anew each epoch. Stateless draws whose seeds are counted from zero each epoch are the same.

## Why it matters
Each new pass over a `tf.data` pipeline starts its seeded random operations from the beginning: the
first image gets the same crop in every epoch. Ten epochs then hold one epoch's worth of augmentation.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.random_flip_left_right(x, seed=3), y)).batch(32)
model.fit(ds, epochs=5)
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.random_flip_left_right(x), y)).batch(32)
model.fit(ds, epochs=5)
```

## Fix safety
Unsafe: other random changes are drawn. `ds.repeat()` with `steps_per_epoch` keeps the seed and goes on
from epoch to epoch; so does a `tf.random.Generator`.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Act, Plan, Step
from twinfeed._core.plan_facts import repeats
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    draws_order_anew,
    several_epochs,
    spots,
)

_COUNTERS = frozenset({"RangeDataset", "ScanDataset", "RandomDataset", "RandomDatasetV2"})


def check(subject: Subject) -> Iterator[Answer]:
    """Find draws that start anew each epoch."""
    plan = subject.plan
    if plan is None or plan.library != "tf.data" or not several_epochs(subject):
        return
    for step, lines in spots(plan, "augment", "decode", "resize", "map"):
        line = lines[0]
        if not step.random or any(repeats(one) for one in line.after(step)):
            continue
        if any(one.kind == "cache" for one in line.after(step)):
            continue  # frozen altogether: another rule
        seeded = [act for act in step.acts if act.number("seed") or act.number("seed2")]
        counted = [act for act in step.acts if act.settings.get("seed_from_data")]
        if seeded:
            act = seeded[0]
            why = f"{act.op} has a seed ({_seed(act)}) and starts anew with each pass over the data"
        elif counted and (source := _counted(plan, step)):
            why = f"its seeds come from {source}, which starts anew with each pass over the data"
        else:
            continue
        if any(draws_order_anew(one) for one in line.before(step)) and (
            seeded or _shuffled_first(plan)
        ):
            continue  # another example meets each draw
        yield RULE.finding(
            subject,
            f"every epoch draws the same random changes for each example: {why}",
            step=step,
            evidence={"draws": len(seeded) or len(counted)},
            fix=Fix(
                "Draw without a seed, or from a generator that goes on",
                "rng = tf.random.Generator.from_seed(1); seed = rng.make_seeds(2)[0]",
                Safety.UNSAFE,
            ),
            size=0.7,
        )


def _seed(act: Act) -> str:
    first, second = act.settings.get("seed", 0), act.settings.get("seed2", 0)
    return f"{second}" if first == 87654321 else f"{first}, {second}"  # the default global seed


def _counted(plan: Plan, step: Step) -> str | None:
    """The branch that makes the seeds, if it gives the same ones in each pass."""
    for zipped in plan.before(step):
        for part in zipped.joined:
            sources = [one for one in _everything(part) if one.name in _COUNTERS]
            fresh = any(one.settings.get("rerandomize_each_iteration") for one in sources)
            if sources and not fresh and not any(one.random for one in part):
                return sources[0].where
    return None


def _everything(part: tuple[Step, ...]) -> Iterator[Step]:
    for step in part:
        yield step
        for more in step.joined:
            yield from _everything(more)


def _shuffled_first(plan: Plan) -> bool:
    """Whether examples are mixed before they get their seeds."""
    zipped = next((step for step in plan.steps if step.joined), None)
    return zipped is not None and any(draws_order_anew(one) for one in plan.before(zipped))


RULE = Rule(
    code="AUG102",
    name="repeated-draws",
    severity=Severity.WARNING,
    tags=("seed-repeats-randomness",),
    since="0.2",
    check=check,
    page=__doc__,
)
