"""The two feeds side by side, with what differs marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinfeed._core.plan import AUTOTUNE, Plan, Setting, Step
from twinfeed._core.results import Side
from twinfeed._core.spec import LeafSpec
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import counted, number, size

_MARK = "*"
_METRICS = 6
_UNSAID: Mapping[str, tuple[Setting, ...]] = {
    # Values that say nothing beside the step itself.
    "is_files": (True, False),
    "python": (True, False),
    "seed": (0,),
    "seed2": (0,),
    "drop_remainder": (False,),
    "reshuffle_each_iteration": (True,),
}
_CLEARLY = 2.0  # times measured once differ a little by themselves


def side_by_side(console: Console, left: Side, right: Side) -> None:
    """Print what the feeds are, what they hold, their speed and their steps."""
    console.print()
    title = Text("The two feeds", "bold underline").append(
        f"   {_MARK} marks what differs", "dim not bold not underline"
    )
    console.print(title)
    lines = rows(left, right)
    heads = max(len(clean(name)) for name, *_ in lines)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("", width=1)
    table.add_column("", width=min(heads, 14), overflow="fold")
    for label in (left.label, right.label):
        table.add_column(label, ratio=1, overflow="fold")
    table.expand = True
    for name, a, b, differs in lines:
        cells = [Text(one_line(cell) or "-", "" if differs else "dim") for cell in (a, b)]
        table.add_row(Text(_MARK if differs else "", "bold yellow"), Text(one_line(name)), *cells)
    console.print(table)
    for side in (left, right):
        for note in side.notes:
            console.print(Text(f"{side.label}: {one_line(note)}"))


def rows(left: Side, right: Side) -> list[tuple[str, str, str, bool]]:
    """What each line is about, A's and B's cell, and whether they differ; not yet cleaned."""
    return [
        *_facts(left, right),
        *_leaves(left, right),
        *_metrics(left, right),
        *_steps(left.plan, right.plan),
    ]


def _facts(left: Side, right: Side) -> Iterator[tuple[str, str, str, bool]]:
    libraries = left.library or "unknown", right.library or "unknown"
    yield "library", *libraries, libraries[0] != libraries[1]
    if {left.role, right.role} != {"feed"}:
        yield "used by", _role(left), _role(right), left.role != right.role
    epochs = epoch_of(left), epoch_of(right)
    yield "one epoch", *epochs, epochs[0] != epochs[1]
    yield "was read", _read(left), _read(right), False  # says something about us, not about them
    for name, a, b, unit in (
        ("first batch", left.first_batch_s, right.first_batch_s, "s"),
        ("rate", left.examples_per_s, right.examples_per_s, "examples/s"),
    ):
        if a is not None or b is not None:
            far = a is not None and b is not None and max(a, b) > _CLEARLY * min(a, b)
            yield name, _measured(a, unit), _measured(b, unit), far


def _role(side: Side) -> str:
    return "nothing, only read" if side.role == "feed" else side.role


def epoch_of(side: Side) -> str:
    """Batches and examples of an epoch, as far as they are stated."""
    known = [
        counted(amount, thing)
        for amount, thing in ((side.batches, "batch"), (side.examples, "example"))
        if amount is not None
    ]
    return ", ".join(known) or "length not stated"


def _read(side: Side) -> str:
    return f"{counted(side.examples_read, 'example')} in {counted(side.epochs_read, 'epoch')}"


def _measured(value: float | None, unit: str) -> str:
    return "not measured" if value is None else f"{number(value)} {unit}"


def _leaves(left: Side, right: Side) -> Iterator[tuple[str, str, str, bool]]:
    a, b = ({leaf.path: leaf for leaf in side.spec.leaves} for side in (left, right))
    for path in dict.fromkeys([*a, *b]):
        one, other = leaf_words(a.get(path)), leaf_words(b.get(path))
        yield path, one, other, one != other


def leaf_words(leaf: LeafSpec | None) -> str:
    """A leaf's dtype and shape."""
    if leaf is None:
        return "absent"
    shape = ", ".join("?" if axis is None else str(axis) for axis in leaf.shape)
    shape += "," if len(leaf.shape) == 1 else ""
    kind = "" if leaf.kind in {"dense", "text"} else f"{leaf.kind} "
    return f"{kind}{leaf.dtype} ({shape})" if leaf.shape else f"{kind}{leaf.dtype}"


def _metrics(left: Side, right: Side) -> Iterator[tuple[str, str, str, bool]]:
    names = list(dict.fromkeys([*left.metrics, *right.metrics]))
    # A training's outcome differs from run to run, so that it differs here proves nothing.
    for name in names[:_METRICS]:
        yield name, _last(left, name), _last(right, name), False


def _last(side: Side, name: str) -> str:
    values = side.metrics.get(name, ())
    return f"{number(float(values[-1]))} after {counted(len(values), 'epoch')}" if values else "-"


def _steps(left: Plan | None, right: Plan | None) -> Iterator[tuple[str, str, str, bool]]:
    if left is None and right is None:
        return
    if left is None or right is None:
        shown = [step_words(step) for step in (left or right or Plan(())).steps]
        hidden = "hidden by the library"
        for index, step in enumerate(shown):
            name = "steps" if not index else ""
            other = hidden if not index else " "
            yield (name, other, step, False) if left is None else (name, step, other, False)
        return
    first = True
    for a, b in _aligned(left.steps, right.steps):
        name, first = ("steps" if first else ""), False
        yield name, step_words(a) if a else "-", step_words(b) if b else "-", _differs(a, b)


def _aligned(
    left: tuple[Step, ...], right: tuple[Step, ...]
) -> Iterator[tuple[Step | None, Step | None]]:
    """Steps of one kind beside each other, in the order of both."""
    kinds = [step.kind for step in left], [step.kind for step in right]
    for _, a, a_end, b, b_end in SequenceMatcher(None, *kinds, autojunk=False).get_opcodes():
        if kinds[0][a:a_end] == kinds[1][b:b_end]:
            yield from zip(left[a:a_end], right[b:b_end], strict=True)
        else:
            yield from ((step, None) for step in left[a:a_end])
            yield from ((None, step) for step in right[b:b_end])


def _differs(a: Step | None, b: Step | None) -> bool:
    """Whether two steps beside each other do something else.

    Libraries state other arguments for the same step, so an argument that only one of them
    states says nothing, except those that change what arrives.
    """
    if a is None or b is None:
        return True
    if (a.kind, a.random, a.parallel_calls) != (b.kind, b.random, b.parallel_calls):
        return True
    shared = a.settings.keys() & b.settings.keys()
    if any(a.settings[name] != b.settings[name] for name in shared):
        return True
    return any(
        a.settings.get(name, usual) != b.settings.get(name, usual)
        for name, usual in (("drop_remainder", False), ("reshuffle_each_iteration", True))
    )


def step_words(step: Step) -> str:
    """A step with those of its arguments that say something."""
    settings = [
        f"{name}={_setting(name, value)}"
        for name, value in step.settings.items()
        if value not in (None, "") and value not in _UNSAID.get(name, ())
    ]
    text = step.kind + (f"({', '.join(settings)})" if settings else "")
    if step.random and step.kind != "augment":
        text += ", random"
    if step.parallel_calls != 1:
        calls = (
            "in parallel" if step.parallel_calls == AUTOTUNE else f"{step.parallel_calls} at once"
        )
        text += f", {calls}"
    if step.ops:
        more = f" and {len(step.ops) - 3} more" if len(step.ops) > 3 else ""
        text += f": {', '.join(step.ops[:3])}{more}"
    return text


def _setting(name: str, value: Setting) -> str:
    text = one_line(str(value))
    if name == "buffer_size" and value == AUTOTUNE:
        text = "auto"
    elif name.endswith("_bytes") and isinstance(value, int):
        text = size(value)
    return text if len(text) <= 32 else f"...{text[-29:]}"
