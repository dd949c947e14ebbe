"""A shuffle that mixes an example only with its neighbours.

## What it does
Compares the buffer of every shuffle of examples with the number of examples that reach it in
one epoch, as the graph states both. Where it does not state the latter, as for record files, and some
batches may be read, an epoch that ended tells it.

## Why it matters
A buffer of 100 mixes over about 100 examples: what lies far back in the data cannot come early.
Data that lie sorted by class then arrive in stretches of few classes, and each epoch meets the
classes in the same order.

## Example
```python
ds = tf.data.Dataset.range(50_000).shuffle(100).batch(32)
model.fit(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(50_000).shuffle(50_000).batch(32)
model.fit(ds)
```

## Fix safety
Unsafe: the order of the examples changes, and a longer buffer takes more memory. Shuffling file
names or indices before anything is decoded costs next to nothing.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed._core.plan_facts import is_batched, repeats
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import mixes_all, reaching, spots

_SHORT = 0.5  # share of the examples above which a buffer mixes well enough


def check(subject: Subject) -> Iterator[Answer]:
    """Find a shuffle of a training feed whose buffer is short."""
    plan = subject.plan
    if plan is None or not subject.trains:
        return
    for step, lines in spots(plan, "shuffle"):
        short = _short(subject, lines[0], step)
        if short is None or any(_is_mixed(line, step) for line in lines):
            continue
        held, all_of_them = short
        files = any(one.settings.get("unit") == "files" for one in lines[0].of_kind("shuffle"))
        yield RULE.finding(
            subject,
            f"the shuffle buffer holds {held:,} of the {all_of_them:,} examples that reach it",
            step=step,
            evidence={"buffer_examples": held, "examples_per_epoch": all_of_them},
            fix=Fix(
                "Let the buffer hold every example",
                f"ds.shuffle({all_of_them})",
                Safety.UNSAFE,
                rewrite="set-shuffle-buffer",
                arguments={"buffer_size": all_of_them},
            ),
            size=min(0.9, 0.9 - held / all_of_them),
            # Files in a random order mix what a short buffer does not.
            severity=Severity.NOTE if files else None,
        )


def _short(subject: Subject, line: Plan, step: Step) -> tuple[int, int] | None:
    """Places of a buffer and the examples of one pass, where these are too many for it."""
    held = step.integer("buffer_size")
    before = line.before(step)
    if held is None or held < 1 or step.settings.get("unit") == "files" or is_batched(line, step):
        return None  # a shuffle of batches is another fault
    repeat = next((one for one in before if repeats(one)), None)
    every = reaching(subject, line, step) if repeat is None else repeat.examples_in
    return None if every is None or held >= _SHORT * every else (held, every)


def _is_mixed(line: Plan, step: Step) -> bool:
    """Whether another shuffle on the way holds every example, or every file of one example."""
    return any(
        one is not step
        and one.examples_in is not None
        and (one.integer("buffer_size") or 0) >= _SHORT * one.examples_in
        and mixes_all(line, one)
        and not is_batched(line, one)
        for one in line.of_kind("shuffle")
    )


RULE = Rule(
    code="ORD101",
    name="short-shuffle-buffer",
    severity=Severity.WARNING,
    tags=("shuffle-buffer-too-small",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="set-shuffle-buffer",
)
