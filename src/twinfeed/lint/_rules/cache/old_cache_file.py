"""A cache file that an earlier run completed, so that the steps before it no longer run.

## What it does
Looks for `cache(filename)` whose file is whole on disk. It is a warning where the script or the data
folder changed after the file was written.

## Why it matters
TensorFlow never asks whether a cache is still right. A changed map, another image size or new files
have no effect until the cache is removed.

## Example
```python
ds = tf.data.Dataset.range(100).map(lambda x: x * 2)
list(ds.cache(folder + "/cache"))
ds = ds.map(lambda x: x + 1).cache(folder + "/cache").batch(10)
```

Use instead:
```python
ds = tf.data.Dataset.range(100).map(lambda x: x * 2)
ds = ds.map(lambda x: x + 1).cache(folder + "/cache_of_this_run").batch(10)
```

## Fix safety
Unsafe: the examples are made by the pipeline as it is written now.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from twinfeed._core.finding import Fix, Severity, Strength
from twinfeed._core.plan import Plan, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a cache file that is whole already."""
    if subject.plan is None:
        return
    for step, lines in spots(subject.plan, "cache"):
        written = _written(step)
        if written is None:
            continue
        newer = next((path for path in _sources(lines[0], step) if _changed(path) > written), None)
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(written))
        since = f", before {newer} was last changed" if newer else ""
        count = len([one for one in lines[0].before(step) if one.kind != "source"])
        yield RULE.finding(
            subject,
            f"the cache file was completed on {when}{since}; the {count} steps before it do not run",
            step=step,
            strength=Strength.MEASURED,
            evidence={"file": str(step.settings["filename"]), "written": when, "newer": newer},
            fix=Fix("Remove the file when a step before it changes", "rm FILENAME*"),
            size=0.6 if newer else 0.2,
            severity=Severity.WARNING if newer else None,
        )


def _written(step: Step) -> float | None:
    name = step.settings.get("filename")
    if not isinstance(name, str) or not name:
        return None
    return _changed(f"{name}.index") or None


def _sources(line: Plan, cache: Step) -> list[str]:
    """The scripts and the data folders that stand behind a cache."""
    found: dict[str, None] = {}
    for step in (*line.before(cache), cache):
        if step.place is not None:
            found[step.place.file] = None
        folder = step.settings.get("directory")
        if isinstance(folder, str):
            found[folder] = None
    return list(found)


def _changed(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except (OSError, ValueError):
        return 0.0


RULE = Rule(
    code="CCH106",
    name="old-cache-file",
    severity=Severity.NOTE,
    tags=("cache-incomplete",),
    since="0.2",
    check=check,
    page=__doc__,
)
