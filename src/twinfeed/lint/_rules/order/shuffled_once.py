"""One order, drawn once and replayed in every epoch.

## What it does
Looks for training feeds of several epochs whose every shuffle has `reshuffle_each_iteration=False`.

## Why it matters
The network meets the same batches in the same order each epoch. Noise between batches, which helps it
out of bad minima, is then the same noise each time.

## Example
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000, reshuffle_each_iteration=False).batch(32)
model.fit(ds, epochs=5)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).batch(32)
model.fit(ds, epochs=5)
```

## Fix safety
Unsafe: the order changes from epoch to epoch, which is the point. Where the shuffle splits the data by
`take` and `skip`, leave it and shuffle again behind them.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    draws_order_anew,
    several_epochs,
    spots,
    takes_a_part,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a training that shuffles only once."""
    if subject.plan is None or not several_epochs(subject):
        return
    for step, lines in spots(subject.plan, "shuffle"):
        if step.settings.get("reshuffle_each_iteration") is not False:
            continue
        if any(draws_order_anew(one) for line in lines for one in line.steps):
            continue
        if any(one.kind == "cache" for line in lines for one in line.after(step)):
            continue  # the cache is what fixes the order
        split = any(takes_a_part(one) for line in lines for one in line.after(step))
        yield RULE.finding(
            subject,
            "the shuffle draws one order and gives it again in every epoch"
            " (reshuffle_each_iteration=False)",
            step=step,
            evidence={"splits_behind_it": split},
            fix=Fix("Shuffle again behind the split", "ds.skip(n).shuffle(n)")
            if split
            else Fix(
                "Draw an order per epoch",
                "ds.shuffle(n, reshuffle_each_iteration=True)",
                Safety.UNSAFE,
                rewrite="reshuffle-each-iteration",
            ),
            size=0.4,
        )


RULE = Rule(
    code="ORD104",
    name="shuffled-once",
    severity=Severity.WARNING,
    tags=("shuffle-once-not-per-epoch",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="reshuffle-each-iteration",
)
