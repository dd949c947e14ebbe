"""What a plan says, where several rules and measures ask the same of it."""

from __future__ import annotations

from twinfeed._core.plan import Plan, Step

_PYTHON_OPS = ("PyFunc", "PyFuncStateless", "EagerPyFunc")
_BY_PLACE = ("ShuffleMapDataset", "WindowShuffleMapDataset")  # Grain's with random access
_PYTHON_LIBRARIES = (
    ("keras ImageDataGenerator", "ImageDataGenerator (Pillow and SciPy)"),
    ("PyDataset", "the __getitem__ of a PyDataset"),
    ("Python generator", "a Python generator"),
)


def is_batched(plan: Plan, step: Step) -> bool:
    """Whether whole batches reach a step."""
    batched = step.settings.get("whole_batches") is True or step.settings.get("unit") == "batches"
    for before in plan.before(step):
        if before.kind == "batch":
            batched = True
        elif "unbatch" in before.where or "Unbatch" in before.name:
            batched = False
    return batched


def random_before(plan: Plan, step: Step) -> Step | None:
    """The last step before ``step`` that changes values at random."""
    return next((before for before in reversed(plan.before(step)) if before.random), None)


def shuffles_once(plan: Plan | None) -> bool:
    """Whether the plan shuffles and then keeps that order: told not to reshuffle, or cached."""
    if plan is None:
        return False
    shuffles = list(plan.of_kind("shuffle"))
    return bool(shuffles) and all(
        step.settings.get("reshuffle_each_iteration") is False
        or any(after.kind == "cache" for after in plan.after(step))
        for step in shuffles
    )


def python_work(plan: Plan | None) -> str | None:
    """What makes the examples in Python code of this process, or ``None``.

    Python runs one thread at a time there, so such work does not spread over cores.
    """
    if plan is None:
        return None
    for part, what in _PYTHON_LIBRARIES:
        if part in plan.library:
            return what
    for step in plan.steps:
        if any(op.partition("(")[0] in _PYTHON_OPS for op in step.ops):
            return f"a Python function ({step.where})"
        if step.name == "GeneratorDataset":
            return f"a Python generator ({step.where})"
        if step.settings.get("python") is True:
            return f"Python code ({step.where})"
    return None


def repeats(step: Step) -> bool:
    """Whether a step goes over the data more than once; one element that is repeated is none."""
    return (
        step.kind == "repeat" and step.settings.get("count") not in {0, 1} and step.examples_in != 1
    )


def work_steps(plan: Plan) -> list[Step]:
    """The steps that make examples: decoding, resizing, mapping, augmenting."""
    if "PyDataset" in plan.library or "torch" in plan.library:
        return [*plan.of_kind("source", "map")]
    return [*plan.of_kind("decode", "resize", "map", "augment")]


def mixes_places(shuffle: Step) -> bool:
    """Whether a shuffle mixes places and no examples: these are made later, and none is held."""
    return shuffle.where == "sampler" or shuffle.name in _BY_PLACE


def work_of_each_epoch(plan: Plan) -> list[Step]:
    """The steps that make examples behind the last cache, so that each epoch runs them again."""
    caches = list(plan.of_kind("cache"))
    behind = plan.after(caches[-1]) if caches else plan.steps
    return [step for step in work_steps(plan) if step in behind]


def is_parallel(plan: Plan) -> bool:
    """Whether any step that makes examples runs several calls at once."""
    return any(step.parallel_calls != 1 for step in work_steps(plan))


def hides_its_steps(plan: Plan) -> bool:
    """Whether the library shows no step behind its source, so that nothing can be called absent."""
    return "Python generator" in plan.library


def may_rewrite(plan: Plan) -> bool:
    """Whether TensorFlow may add a prefetch and parallel calls to a ``tf.data`` pipeline."""
    options = [step for step in plan.of_kind("other") if step.name == "Options"]
    return not any(
        value is False
        for step in options
        for name, value in step.settings.items()
        if name.endswith(("apply_default_optimizations", "autotune.enabled", "inject_prefetch"))
    )


def called(step: Step) -> str:
    """A step as a sentence names it: what it does, and where a user finds it."""
    return step.where if step.where.startswith(step.kind) else f"{step.kind} ({step.where})"


def in_memory(plan: Plan) -> bool:
    """Whether the feed only cuts arrays, so that there is nothing to cache or to run ahead."""
    return plan.library == "arrays"


def example_shuffles(plan: Plan | None) -> list[Step]:
    """The shuffles of single examples, source first; files count where each is one example."""
    if plan is None:
        return []
    return [
        step
        for step in plan.of_kind("shuffle")
        if not is_batched(plan, step) and (not of_files(step) or one_example_per_file(plan, step))
    ]


def of_files(step: Step) -> bool:
    """Whether names of files reach a step, not examples."""
    return step.settings.get("unit") == "files"


def one_example_per_file(plan: Plan, step: Step) -> bool:
    """Whether as many examples follow as there are files."""
    following = [
        after.examples_in
        for after in plan.after(step)
        # What opens files takes in files as well, and gives as many examples as they hold.
        if not of_files(after) and after.kind != "source" and after.examples_in is not None
    ]
    return step.examples_in is not None and bool(following) and following[0] == step.examples_in
