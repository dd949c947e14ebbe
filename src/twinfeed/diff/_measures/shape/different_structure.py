"""Batches of another structure: other inputs, other names, other rank, weights on one side.

## What it does
Compares the leaves of both batches: how many inputs there are and whether they come by name
(dict) or by position (tuple), the rank of each, the shape of those that are no pictures, whether
sample weights come along, and the names of several labels. Two inputs of one shape of which each
holds exactly the values that the other side has in the other one have changed places. Where one side
hands in single numbers by name and the other one array, it says which name each column has. What a
single label looks like is said by `different-label-form`.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
Keras matches a dict by name where the model has names, and else flattens it in the order of
its sorted keys: two inputs of one shape change places without an error. Sample weights that
only one feed has change the loss. An axis of length 1 more or less is broadcast.

## Example
```python
a = tf.data.Dataset.from_tensor_slices(((images, images[:, ::-1]), labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices(
    ({"upright": images, "flipped": images[:, ::-1]}, labels, np.ones(len(labels)))
).batch(32)
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices(((images, images[:, ::-1]), labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices(((images, images[:, ::-1]), labels)).batch(32)
```

## Fix safety
Show: the inputs of the model decide which of the two is right.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Evidence, Fix, Severity
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._leaves import matched
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._named_columns import NamedColumns, named_columns
from twinfeed.diff._values._other_inputs import exchanged

_SHOWN = 12  # columns that a sentence lists
_MOSTLY = 0.5  # share of examples of one shape from which padding hardly varies


def look(twins: Twins) -> Iterator[Answer]:
    """Compare number, names and rank of the leaves."""
    columns = named_columns(twins)
    if columns is not None:
        yield _by_name(twins, columns)
        yield from _weights(twins)
        return
    yield from _names(twins)
    yield from _weights(twins)
    yield from _exchanged(twins)
    for left, right in matched(twins, "x"):
        if len(left.shape) != len(right.shape) and left.kind == right.kind == "dense":
            yield _finding(
                twins,
                f"one example of A's {left.path} has shape {_shape(left)}, of B's"
                f" {_shape(right)}: rank {len(left.shape)} against {len(right.shape)}",
                {"a_shape": _shape(left), "b_shape": _shape(right)},
                Fix("Give both one rank", _rank(left, right)),
                0.65,
            )
        elif left.kind != right.kind:
            yield _finding(
                twins,
                f"A's {left.path} is {left.kind}, B's {right.kind}",
                {"a_kind": left.kind, "b_kind": right.kind},
                Fix("Give both one kind of values", "dense arrays of one shape on both sides"),
                0.65,
            )
        elif left.kind == "dense" and not (left.is_image and right.is_image):
            yield from _lengths(twins, left, right)


def _by_name(twins: Twins, found: NamedColumns) -> Answer:
    """Columns by name on one side, and which of them the columns of the other side's array are."""
    other = "B" if found.named == "A" else "A"
    known = [name for name in found.names if name]
    order = ", ".join(name or "none of them" for name in found.names[:_SHOWN])
    more = ", ..." if found.columns > _SHOWN else ""
    said = f"{found.named} hands in {len(found.paths)} columns by name, {other} one array of {found.columns}"
    if known:
        said += f": its columns hold {order}{more}"
    listed = ", ".join(f"x[{path[2:-1]}]" for path in known)
    return _finding(
        twins,
        said,
        {
            "side_with_names": found.named,
            "names": ", ".join(found.paths),
            "columns": found.columns,
            "columns_recognised": len(known),
            "order": order,
        },
        Fix(
            "Hand in one or the other on both sides, in one order",
            f"tf.stack([{listed}], axis=-1)"
            if len(known) == found.columns
            else "tf.stack([x[name] for name in names], axis=-1), with one list of names for both",
        ),
        0.7,
    )


def _exchanged(twins: Twins) -> Iterator[Answer]:
    """Inputs of one shape that change places: each holds to the last count what the other has."""
    for one, other in exchanged(twins):
        yield _finding(
            twins,
            f"A's {one.path} holds what B's {other.path} does, and A's {other.path} what B's"
            f" {one.path} does",
            {"one_input": one.path, "other_input": other.path},
            Fix(
                "Hand in the inputs in one order, or by name",
                "a dict with the names of the model's Input layers, on both sides",
            ),
            0.75,
        )


def _lengths(twins: Twins, left: LeafSpec, right: LeafSpec) -> Iterator[Answer]:
    """Rows, windows or sequences of one rank that are not equally long."""
    shapes = left.shape, right.shape
    if shapes[0] == shapes[1]:
        return
    known = all(a != b and None not in (a, b) for a, b in zip(*shapes, strict=True) if a != b)
    if not known and not _varies(twins, left, right):
        return
    turned = known and sorted(map(str, shapes[0])) == sorted(map(str, shapes[1]))
    yield _finding(
        twins,
        f"one example of A's {left.path} has shape {_shape(left)}, of B's {_shape(right)}"
        + (": the axes change places" if turned else "" if known else ", where None varies"),
        {"a_shape": _shape(left), "b_shape": _shape(right), "axes_change_places": turned},
        Fix(
            "Give both one shape",
            "np.moveaxis, or tf.transpose, on one side; a reshape would scatter the values"
            if turned
            else "one length for all: pad_sequences(..., maxlen=n), or padded_batch(n, ([n], []))",
        ),
        0.65 if known else 0.45,
    )


def _varies(twins: Twins, left: LeafSpec, right: LeafSpec) -> bool:
    """Whether a shape that varies on one side is mostly another than the fixed one of the other."""
    for trace, mine, theirs in ((twins.left, left, right), (twins.right, right, left)):
        if None not in mine.shape or None in theirs.shape or mine is not trace.main:
            continue
        kept = trace.kept.values
        return sum(each.shape == theirs.shape for each in kept) < _MOSTLY * len(kept)
    return False


def _names(twins: Twins) -> Iterator[Answer]:
    for part, word in (("x", "inputs"), ("y", "labels")):
        left, right = (
            [leaf.path for leaf in _part(side, part)] for side in (twins.left, twins.right)
        )
        # One label, or none, is a matter of its form.
        if sorted(left) == sorted(right) or (part == "y" and min(len(left), len(right)) < 2):
            continue
        yield _finding(
            twins,
            f"A's {word} are {_listed(left)}, B's {_listed(right)}",
            {f"a_{word}": ", ".join(left), f"b_{word}": ", ".join(right)},
            Fix(
                f"Hand in the same {word}, by the model's own names",
                "a dict with the names of the model's Input layers, on both sides",
            ),
            0.5 if len(left) == len(right) == 1 else 0.7,
        )


def _weights(twins: Twins) -> Iterator[Answer]:
    has = [bool(side.spec.part("weight")) for side in (twins.left, twins.right)]
    if has[0] == has[1]:
        return
    name, trace = ("A", twins.left) if has[0] else ("B", twins.right)
    stats = trace.stats_of("weight")
    flat = stats is not None and stats.low == stats.high == 1.0
    if not flat and (twins.left.fit or twins.right.fit):
        return  # weights that a training lacks have a name of their own
    said = " (all 1)" if flat else ""
    yield _finding(
        twins,
        f"{name} brings sample weights{said}, {'B' if has[0] else 'A'} brings none",
        {
            "side_with_weights": name,
            "weight_low": stats.low if stats else None,
            "weight_high": stats.high if stats else None,
        },
        Fix(
            "Weight both or neither",
            "(x, y) or (x, y, sample_weight) as the batch, or sample_weight= in fit for arrays",
        ),
        0.2 if flat else 0.6,
        note=flat,
    )


def _finding(
    twins: Twins, said: str, evidence: Evidence, fix: Fix, size: float, *, note: bool = False
) -> Answer:
    examples = len(twins.left.rows) + len(twins.right.rows)
    return MEASURE.finding(
        said,
        evidence={**evidence, "examples": examples},
        fix=fix,
        size=size,
        severity=Severity.NOTE if note else None,
    )


def _part(trace: Trace, part: str) -> tuple[LeafSpec, ...]:
    return trace.spec.part("x") if part == "x" else trace.spec.part("y")


def _listed(paths: list[str]) -> str:
    return ", ".join(paths) if paths else "missing"


def _shape(leaf: LeafSpec) -> str:
    return str(leaf.shape)


def _rank(left: LeafSpec, right: LeafSpec) -> str:
    longer, shorter = sorted((left.shape, right.shape), key=len, reverse=True)
    if longer == (*shorter, 1):
        return "x[..., None] on one side, or x[..., 0] on the other"
    return f"np.reshape(x, (-1, {', '.join(str(n or -1) for n in longer)}))"


MEASURE = Measure(
    code="GEO205",
    name="different-structure",
    severity=Severity.WARNING,
    tags=("input-key-order", "label-spec-mismatch", "fit-argument-ignored"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
