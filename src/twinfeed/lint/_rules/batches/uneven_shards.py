"""More shards than there is to share out.

## What it does
Compares the number of shards with the files, or batches, that reach `shard`.

## Why it matters
A worker whose shard is empty waits or fails; with five files for four workers one of them reads twice
as much as the others, and every epoch waits for it.

## Example
```python
ds = tf.data.Dataset.range(1_000).batch(400).shard(4, 3)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shard(4, 3).batch(400)
```

## Fix safety
Unsafe: other examples reach this worker, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)

_UNEVEN = 1.5


def check(subject: Subject) -> Iterator[Answer]:
    """Find shards that cannot be filled alike."""
    plan = subject.plan
    if plan is None:
        return
    for step, lines in spots(plan, "shard"):
        shards, index = step.integer("num_shards"), step.integer("index")
        count = _elements(lines[0], step)
        if shards is None or count is None or shards < 2:
            continue
        least, most = count // shards, -(-count // shards)
        what = "files" if step.settings.get("unit") == "files" else "elements"
        if least and most / least < _UNEVEN:
            continue
        yield RULE.finding(
            subject,
            f"the {count:,} {what} are shared out among {shards:,} workers: some get {most:,}, some {least:,}",
            step=step,
            evidence={"elements": count, "shards": shards, "index": index},
            fix=Fix(
                "Shard single examples, or write more files",
                "ds.shard(n, i).batch(b)",
                Safety.UNSAFE,
            ),
            size=0.8 if not least else 0.4,
            severity=Severity.ERROR if not least else None,
        )


def _elements(line: Plan, step: Step) -> int | None:
    """Elements that reach a shard: files, examples or batches."""
    before = line.before(step)
    reaching = step.examples_in
    size = before[-1].per_element if before else 1
    if reaching is None or not size:
        return None
    batch = next((one for one in reversed(before) if one.kind == "batch"), None)
    whole = batch is not None and batch.settings.get("drop_remainder")
    return reaching // size if whole else -(-reaching // size)


RULE = Rule(
    code="BAT107",
    name="uneven-shards",
    severity=Severity.WARNING,
    tags=("shard-bias",),
    since="0.2",
    check=check,
    page=__doc__,
)
