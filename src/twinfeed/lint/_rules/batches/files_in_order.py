"""Files that are read one after the other, in the same order every epoch.

## What it does
Looks for training feeds of several record files whose names nothing shuffles, read to the end one by one.

## Why it matters
A shuffle of examples mixes over its buffer: neighbours in the stream, which all come from one or two
files. What differs from file to file, as a class, a day or a camera, arrives in blocks.

## Example
```python
import pathlib
for name in ("a.txt", "b.txt", "c.txt"):
    pathlib.Path(folder, name).write_bytes(bytes([49, 10, 50, 10]))
files = [folder + "/a.txt", folder + "/b.txt", folder + "/c.txt"]
model.fit(tf.data.TextLineDataset(files).shuffle(2).batch(2))
```

Use instead:
```python
import pathlib
for name in ("a.txt", "b.txt", "c.txt"):
    pathlib.Path(folder, name).write_bytes(bytes([49, 10, 50, 10]))
files = tf.data.Dataset.from_tensor_slices([folder + "/a.txt", folder + "/b.txt", folder + "/c.txt"])
model.fit(files.shuffle(3).interleave(tf.data.TextLineDataset).shuffle(2).batch(2))
```

## Fix safety
Unsafe: the order of the examples changes, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import AUTOTUNE, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import reaching, ways


def check(subject: Subject) -> Iterator[Answer]:
    """Find files that are read in turn."""
    plan = subject.plan
    if plan is None or not subject.trains:
        return
    for line in ways(plan):
        names = [step for step in line.steps if step.settings.get("unit") == "files"]
        # A reader of one file stands inside the step that reads several.
        reader = next((step for step in reversed(line.steps) if _reads(step)), None)
        if reader is None or any(step.kind == "shuffle" for step in names):
            continue
        files = max((step.examples_in or 0 for step in names), default=0)
        cycle = reader.integer("cycle_length")
        # Where the library chooses, the plan holds its choice for this machine.
        chosen = reader.parallel_calls == AUTOTUNE
        in_turn = reader.name == "FlatMapDataset" or (cycle == 1 and not chosen)
        shuffles = [step for step in line.after(reader) if step.kind == "shuffle"]
        whole = any(
            (step.integer("buffer_size") or 0) >= every
            for step in shuffles
            if (every := reaching(subject, line, step))
        )
        if files < 2 or not in_turn or whole:
            continue
        held = shuffles[0].integer("buffer_size") if shuffles else 0
        yield RULE.finding(
            subject,
            f"the {files:,} files are read one after the other, in the same order every epoch; behind them"
            + (f" a shuffle mixes over {held:,} examples" if held else " nothing shuffles"),
            step=reader,
            evidence={"files": files, "buffer_examples": held},
            fix=Fix(
                "Shuffle the names and read several files at once",
                "files.shuffle(n).interleave(tf.data.TFRecordDataset, cycle_length=8)",
                Safety.UNSAFE,
            ),
            size=0.3,
        )
        return


def _reads(step: Step) -> bool:
    """Whether a step opens record files whose names reach it."""
    return step.kind == "source" and step.name in {
        "FlatMapDataset", "InterleaveDataset", "LegacyParallelInterleaveDatasetV2",
        "ParallelInterleaveDatasetV2",
        "ParallelInterleaveDatasetV3", "ParallelInterleaveDatasetV4",
    }  # fmt: skip


RULE = Rule(
    code="BAT110",
    name="files-in-order",
    severity=Severity.NOTE,
    tags=("shard-bias", "shuffle-buffer-too-small"),
    since="0.2",
    check=check,
    page=__doc__,
)
