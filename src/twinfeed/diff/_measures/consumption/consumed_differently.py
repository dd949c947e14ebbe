"""Two runs that ask `fit` for different things.

## What it does
Compares the arguments of both calls that change what is trained on: `epochs`, `steps_per_epoch`,
`batch_size`, `shuffle`, `class_weight`, `sample_weight`, `validation_split`, the steps per
execution, and the batch size and steps of `evaluate` and `predict`. Arguments that a feed does
not obey are left to `ignored-argument`. Batches that Keras reads beside the training, to build the
model, are a note.

## From what size
Exact: one call on each side is enough.

## Why it matters
The same feed under another `validation_split` is another set of training data; under another
`shuffle` another order; under other `epochs` another training. The difference is then in the
call, and no pipeline has to change.

## Example
```python
a = fit_trace(images, labels, shuffle=False, validation_split=0.2)
b = fit_trace(images, labels, shuffle=False)
```

Use instead:
```python
a = fit_trace(images, labels, shuffle=False)
b = fit_trace(images, labels, shuffle=False)
```

## Fix safety
Show: the arguments belong to the call of `fit`.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.plan import Setting
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._consumption import extra_batches, given, handed_kind, obeys
from twinfeed.diff._twins import EACH_WAY, SideName, Twins

_ARGUMENTS = {
    "fit": (
        "epochs", "initial_epoch", "steps_per_epoch", "batch_size", "shuffle", "validation_split",
        "class_weight", "sample_weight", "steps_per_execution",
    ),
    "validation": ("batch_size", "steps", "sample_weight"),
    "evaluate": ("batch_size", "steps", "sample_weight"),
    "predict": ("batch_size", "steps"),
}  # fmt: skip
_SIZE = {
    "validation_split": 0.92, "class_weight": 0.5, "sample_weight": 0.5, "steps_per_epoch": 0.45,
    "epochs": 0.4, "shuffle": 0.35, "batch_size": 0.3,
}  # fmt: skip
_PRESENT = ("class_weight", "sample_weight")
_STEPS = ("steps_per_epoch", "steps")
_UNSAID: dict[str, Setting] = {
    "validation_split": 0.0, "class_weight": False, "sample_weight": False, "initial_epoch": 0,
    "steps_per_execution": 1,
}  # fmt: skip


def look(twins: Twins) -> Iterator[Answer]:
    """Compare what both calls were asked for, then what Keras read beside the training."""
    left, right = twins.left, twins.right
    if left.fit is None or right.fit is None or left.role != right.role:
        return
    differing = {
        argument: pair
        for argument in _ARGUMENTS.get(left.role, ())
        if _acts(left, argument)
        and _acts(right, argument)
        and (pair := (_effective(left, argument), _effective(right, argument)))[0] != pair[1]
        and not (argument in _STEPS and _as_many(left, right, argument))
    }
    if differing:
        said = ", ".join(_said(name, pair) for name, pair in differing.items())
        yield MEASURE.finding(
            f"the calls of {left.role} differ: {said}",
            evidence={
                f"{side}_{name}": value
                for name, pair in differing.items()
                for side, value in zip(("a", "b"), pair, strict=True)
            },
            fix=Fix(
                f"Call {left.role} alike",
                ", ".join(_alike(name, pair) for name, pair in differing.items()),
            ),
            size=max(_SIZE.get(name, 0.2) for name in differing),
        )
    yield from _read_beside(twins)


def _said(name: str, pair: tuple[Setting, Setting]) -> str:
    if name in _PRESENT:  # it is known that it was given, not what
        return f"only {_giver(pair)} is given {name}"
    return f"{name}={pair[0]!r} against {pair[1]!r}"


def _alike(name: str, pair: tuple[Setting, Setting]) -> str:
    return f"the {name} of {_giver(pair)}" if name in _PRESENT else f"{name}={pair[0]!r}"


def _giver(pair: tuple[Setting, Setting]) -> SideName:
    return "A" if pair[0] else "B"


def _acts(trace: Trace, argument: str) -> bool:
    return obeys(trace, argument) is True


def _as_many(left: Trace, right: Trace, argument: str) -> bool:
    """Whether both calls take as many batches, be it that one feed has no more than was asked."""
    taken = [_taken(left, argument), _taken(right, argument)]
    return None not in taken and taken[0] == taken[1]


def _taken(trace: Trace, argument: str) -> Setting:
    steps, has = given(trace, argument), trace.fit.batches if trace.fit else None
    if not isinstance(steps, int) or has is None:
        return has if steps is None else steps
    # A training goes on with the same pass in its next epoch; everything else begins again.
    return steps if trace.role == "fit" else min(steps, has)


def _effective(trace: Trace, argument: str) -> Setting:
    """An argument as it acts: the default where it is left out."""
    value = given(trace, argument)
    if argument == "sample_weight" and trace.fit and trace.fit.spec:
        return bool(value) or bool(trace.fit.spec.part("weight"))
    if argument == "batch_size" and value is None and handed_kind(trace) == "arrays":
        return None if given(trace, "steps_per_epoch") else 32
    return _UNSAID.get(argument) if value is None else value


def _read_beside(twins: Twins) -> Iterator[Answer]:
    for name, other in EACH_WAY:
        mine, theirs = extra_batches(twins.side(name)), extra_batches(twins.side(other))
        if mine <= theirs:
            continue
        yield MEASURE.finding(
            f"Keras read {mine:,} of {name}'s batches beside the training, to build the model or"
            f" to learn their shapes, and {theirs:,} of {other}'s",
            evidence={
                "side": name,
                "extra_batches": mine,
                "other_extra_batches": theirs,
                "opened_again": handed_kind(twins.side(name)) not in {None, "generator"},
            },
            fix=Fix(
                f"Build the model before {name} is given to fit",
                "model.build(input_shape), or an Input layer; nothing is lost from a feed that"
                " can be opened again",
            ),
            size=0.05,
            severity=Severity.NOTE,
        )


MEASURE = Measure(
    code="FIT204",
    name="consumed-differently",
    severity=Severity.WARNING,
    tags=("epoch-length-mismatch", "iterator-state-carried-over"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.CALL,
)
