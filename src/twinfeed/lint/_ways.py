"""The ways that examples take through a plan with branches, and what rules ask along them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from twinfeed._core.plan import Act, Leaf, Plan, Setting, Step, StepKind
from twinfeed._core.plan_facts import repeats
from twinfeed.lint._subject import Subject

_MOST_WAYS = 64
_COSTLY = (
    "ReadFile", "PyFunc", "EagerPyFunc", "Decode", "Resize", "ScaleAndTranslate", "CropAndResize",
    "ImageProjectiveTransform",
)  # fmt: skip
"""How the operations begin that take much longer than the call they are made in."""


def ways(plan: Plan) -> tuple[Plan, ...]:
    """Every line from a source to the end along which examples go, the main one first.

    A pipeline that is joined in the middle, or built inside a function, is told as if it were
    written in one line. One that only counts, e.g. to make seeds, is left out.
    """
    return tuple(Plan(steps, plan.library) for steps in islice(_ways(plan.steps), _MOST_WAYS))


def _ways(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    fronts: list[tuple[Step, ...]] = [()]
    beside: list[tuple[tuple[Step, ...], int]] = []
    for index, step in enumerate(steps):
        if step.inner and step.kind != "cache":
            inside = [way for part in step.inner for way in _ways(part)]
            if any(before.name == "WindowDataset" for before in steps[:index]):
                # A batch that makes one example of a window is none.
                inside = [tuple(one for one in way if one.kind != "batch") for way in inside]
            fronts = [front + way for front in fronts for way in inside][:_MOST_WAYS]
        beside += [(way, index) for part in step.joined if _carries(part) for way in _ways(part)]
        fronts = [(*front, step) for front in fronts]
    yield from fronts
    for way, index in beside:
        yield way + steps[index:]


def _carries(part: tuple[Step, ...]) -> bool:
    """Whether what comes out of a branch gets into the feed."""
    leaves = part[-1].leaves
    return not leaves or any(leaf.reaches for leaf in leaves)


def spots(plan: Plan, *kinds: StepKind) -> Iterator[tuple[Step, tuple[Plan, ...]]]:
    """Each step of these kinds once, with every way that it lies on."""
    lines = ways(plan)
    seen: set[int] = set()
    for line in lines:
        for step in line.of_kind(*kinds):
            if id(step) not in seen:
                seen.add(id(step))
                yield step, tuple(one for one in lines if any(s is step for s in one.steps))


def options(plan: Plan | None) -> Mapping[str, Setting]:
    """What ``tf.data.Options`` were set for the whole pipeline."""
    found: dict[str, Setting] = {}
    for step in plan.steps if plan else ():
        if step.name == "Options":
            found |= step.settings
    return found


def several_epochs(subject: Subject) -> bool:
    """Whether a training goes over the data more than once, as far as is known."""
    if not subject.trains:
        return False
    epochs, start = subject.argument("epochs"), subject.argument("initial_epoch", 0)
    if not isinstance(epochs, int) or not isinstance(start, int):
        return True
    return epochs - start > 1 or _goes_round(subject.plan)


def _goes_round(plan: Plan | None) -> bool:
    return plan is not None and any(repeats(step) for step in plan.steps)


def draws_order_anew(step: Step) -> bool:
    """Whether a shuffle gives another order in each pass."""
    return step.kind == "shuffle" and step.settings.get("reshuffle_each_iteration") is not False


def is_seeded(step: Step) -> bool:
    """Whether a shuffle was given a seed, by itself or by a global one."""
    return any(step.settings.get(name) not in {None, 0} for name in ("seed", "seed2"))


def mixes_all(line: Plan, step: Step) -> bool:
    """Whether a shuffle of names of files is one of examples: each file holds one."""
    if step.settings.get("unit") != "files":
        return True
    following = [
        after.examples_in
        for after in line.after(step)
        if after.settings.get("unit") != "files"
        and after.kind != "source"  # files reach the step that reads them
        and after.examples_in is not None
    ]
    return step.examples_in is not None and following[:1] == [step.examples_in]


def takes_a_part(step: Step) -> bool:
    """Whether a ``take`` or ``skip`` leaves some of what reaches it out, as far as is known."""
    if step.kind != "take" and step.name != "SkipDataset":
        return False
    count, reaching = step.integer("count"), step.examples_in
    if step.settings.get("start") or step.settings.get("stop"):  # a slice of Grain
        return True
    if count is None or count < 0:
        return False
    per_element = step.per_element or 1
    return (step.name == "SkipDataset" and count > 0) or (
        reaching is None or count * per_element < reaching
    )


def reaching(subject: Subject, line: Plan, step: Step) -> int | None:
    """Examples that reach a step in one epoch, as the steps tell it or else as they were counted.

    Counted are those that leave the last step, so nothing behind this one may change their number.
    """
    if step.examples_in is not None or subject.plan is None:
        return step.examples_in
    behind = (step, *line.after(step))
    keep = all(_keeps_number(one) for one in behind)
    main = any(one is step for one in subject.plan.steps)
    return subject.counted if main and keep else None


def _keeps_number(step: Step) -> bool:
    if step.kind == "batch":
        return not step.settings.get("drop_remainder")
    return step.name == "Options" or step.kind in {
        "map", "decode", "resize", "augment", "shuffle", "cache", "prefetch",
    }  # fmt: skip


def is_fused(line: Plan, step: Step) -> bool:
    """Whether TensorFlow makes one step of a map and the batch behind it, which then runs ahead.

    Of batches only the plain one is taken: not a padded one, nor one that copies in parallel (TF 2.21).
    """
    return [one.name for one in line.after(step)][:1] in (["BatchDataset"], ["BatchDatasetV2"])


def is_costly(step: Step) -> bool:
    """Whether a step does much work per example: files, decoding, resizing, warping, Python."""
    return step.kind in {"decode", "resize"} or any(op.startswith(_COSTLY) for op in step.ops)


def python_ops(step: Step) -> bool:
    """Whether a step calls back into Python for each element."""
    return any(op.startswith(("PyFunc", "EagerPyFunc")) for op in step.ops)


def element_bytes(step: Step) -> int | None:
    """Bytes of one example that leaves a step; ``None`` where that is not known."""
    if not step.leaves:
        return None
    sizes = [_bytes_per_example(leaf, step.per_element) for leaf in step.leaves]
    known = [size for size in sizes if size is not None]
    return int(sum(known)) if len(known) == len(sizes) else None


def _bytes_per_example(leaf: Leaf, per_element: int | None) -> float | None:
    if per_element in {None, 1} or not leaf.shape:
        return leaf.size_bytes
    assert per_element is not None
    one = Leaf(dtype=leaf.dtype, shape=leaf.shape[1:])
    return one.size_bytes


def into_part(act: Act | Leaf, part: str) -> bool:
    """Whether it becomes part of the inputs (``x``) or the labels (``y``) and of nothing else."""
    return bool(act.reaches) and all(path.partition("[")[0] == part for path in act.reaches)


def pictures(step: Step, part: str = "x") -> list[Leaf]:
    """The leaves that leave a step, look like images and become inputs or labels only."""
    return [leaf for leaf in step.leaves if into_part(leaf, part) and is_picture(leaf)]


def is_picture(leaf: Leaf) -> bool:
    """Whether a leaf looks like an image or a batch of them: 1, 3 or 4 channels last."""
    shape = leaf.shape
    if shape is None or len(shape) not in {3, 4} or shape[-1] not in {1, 3, 4}:
        return False
    return all(side is None or side >= 8 for side in shape[-3:-1])


def last_step(plan: Plan | None) -> Step | None:
    """The last step that says what leaves it."""
    if plan is None:
        return None
    return next((step for step in reversed(plan.steps) if step.leaves), None)


def readable_bytes(count: float) -> str:
    """Bytes as people write them."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count:,.0f} bytes"
