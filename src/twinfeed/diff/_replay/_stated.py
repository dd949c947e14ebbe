"""What plans state of the resize: what tells two kernels apart where pictures cannot be replayed.

Whoever turns, crops or mirrors a resized picture at random leaves no picture that a file could be
held against. The arguments and the graph still say which kernel made it, and the files, or the
shapes on the way, whether it had anything to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from twinfeed._core.plan import Act, Plan, Step
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._replay._files import Header, files_in, folder_of
from twinfeed.diff._replay._kernels import BY_NAME
from twinfeed.diff._replay._recipe import Named
from twinfeed.diff._replay._resize import resized
from twinfeed.diff._replay._studio import binding
from twinfeed.diff._replay._told import both, told
from twinfeed.diff._twins import SIDES, SideName, Twins

_MOST = 8  # files that are resized by both kernels
_MOST_PIXELS = 8_000_000  # of them together
_LEAST_LEVELS = 0.1  # mean difference below which two kernels made the same pictures
_PYTHON = ("PyFunc", "PyFuncStateless", "EagerPyFunc")
_OPS = {
    "ResizeNearestNeighbor": "nearest",
    "ResizeBilinear": "bilinear",
    "ResizeBicubic": "bicubic",
}
_FILTERS = {"triangle": "bilinear", "keyscubic": "bicubic", "lanczos3": "lanczos3"}
_OTHERS = ("ResizeArea", "CropAndResize", "QuantizedResizeBilinear", "ScaleAndTranslate")


@dataclass(frozen=True, slots=True)
class StatedKernel:
    """The one resize that a plan states of its pictures.

    Attributes:
        name: Of the bank of kernels.
        size: Height and width that it gives.
        before: Height and width that reach it, where the plan knows them.
        where: Where a user finds it.
    """

    name: str
    size: tuple[int, int]
    before: tuple[int, int] | None
    where: str


@dataclass(frozen=True, slots=True)
class TwoKernels:
    """Two kernels of which at least one is only stated, and what they make of the pictures.

    Attributes:
        left: A's.
        right: B's.
        left_where: Where A states it; empty where it was replayed.
        right_where: Where B does.
        shrinks: By how much the pictures shrink, the median over files and axes.
        levels: Mean difference that they make of the files, in levels of 255; ``None`` without.
        pictures: Files that were resized by both.
    """

    left: Named
    right: Named
    left_where: str
    right_where: str
    shrinks: float
    levels: float | None
    pictures: int

    @property
    def one_smooths(self) -> bool:
        """Whether one of them widens as it shrinks and the other does not."""
        smooth = (BY_NAME[side.best].smooths for side in (self.left, self.right))
        return self.shrinks > 1 and len(set(smooth)) == 2


def stated_kernel(trace: Trace) -> StatedKernel | None:
    """The kernel that a plan states; ``None`` where it states none, or several, or hides work."""
    plan, main = trace.plan, trace.main
    if plan is None or main is None or not main.is_image:
        return None
    if plan.library == "tf.data":
        return _of_graph(plan, main.path)
    steps = list(plan.of_kind("resize"))
    if len(steps) != 1:
        return None
    (step,) = steps
    height, width, method = (
        step.integer("height"),
        step.integer("width"),
        step.settings.get("interpolation"),
    )
    name = f"pil-{method}"
    if not height or not width or name not in BY_NAME:
        return None
    return StatedKernel(name, (height, width), None, step.where)


def _of_graph(plan: Plan, main: str) -> StatedKernel | None:
    found: list[tuple[Act, Step]] = []
    for step in plan.steps:
        if any(op.partition("(")[0] in _PYTHON for op in step.ops):
            return None
        found += [
            (act, step)
            for act in step.acts
            if act.op in {*_OPS, *_OTHERS} and (not act.reaches or main in act.reaches)
        ]
    if len(found) != 1:
        return None
    act, step = found[0]
    name, height, width = _named(act), act.number("height"), act.number("width")
    if name is None or not height or not width:
        return None
    return StatedKernel(name, (int(height), int(width)), _reaching(plan, step), step.where)


def _named(act: Act) -> str | None:
    """The kernel of the bank that an operation of TensorFlow works by."""
    if act.op == "ResizeArea":
        return "tf-area"
    if act.op == "ScaleAndTranslate":
        method = _FILTERS.get(str(act.settings.get("kernel_type")))
        name = f"tf-{method}-antialias" if act.settings.get("antialias") else None
        return name if name in BY_NAME else None
    method = _OPS.get(act.op)
    if method is None:
        return None
    corners, middles = act.settings.get("align_corners"), act.settings.get("half_pixel_centers")
    name = f"tf-{method}" if middles else f"tf1-{method}{'-align-corners' if corners else ''}"
    return name if name in BY_NAME else None


def _reaching(plan: Plan, step: Step) -> tuple[int, int] | None:
    """Height and width of the pictures that reach a step, where all have the same."""
    before = plan.before(step)
    shapes = [leaf.shape for leaf in before[-1].leaves if leaf.shape] if before else []
    pictures = [shape for shape in shapes if len(shape) >= 3 and shape[-1] in {1, 3, 4}]
    if len(pictures) != 1:
        return None
    height, width = pictures[0][-3:-1]
    return None if height is None or width is None else (height, width)


@remembered
def two_kernels(twins: Twins) -> TwoKernels | None:
    """The kernels of both sides, where replay does not know both and the plans say the rest.

    ``None`` where they are the same or could be, where nothing changes its size, and where two
    plain feeds can be held against each other, which tells more than what is written.
    """
    if both(twins) is not None or (twins.is_plain("A") and twins.is_plain("B")):
        return None
    sides = {name: _of_side(twins, name) for name in SIDES}
    left, right = sides["A"], sides["B"]
    if left is None or right is None or not left[0].excludes(right[0]):
        return None
    stated = [kernel for _, kernel in (left, right) if kernel is not None]
    if not stated or len({kernel.size for kernel in stated}) > 1:
        return None
    found = TwoKernels(
        left[0],
        right[0],
        *("" if kernel is None else kernel.where for _, kernel in (left, right)),
        shrinks=0.0,
        levels=None,
        pictures=0,
    )
    return _at_work(twins, found, stated)


def _of_side(twins: Twins, name: SideName) -> tuple[Named, StatedKernel | None] | None:
    recipe = told(twins)[name].recipe
    if recipe is not None:
        return None if recipe.kernel is None else (recipe.kernel, None)
    stated = stated_kernel(twins.side(name))
    return None if stated is None else (Named(best=stated.name, among=(stated.name,)), stated)


def _at_work(twins: Twins, found: TwoKernels, stated: list[StatedKernel]) -> TwoKernels | None:
    """With what the kernels do to the files, or to the shapes where there are none."""
    size = stated[0].size
    folders = {folder for folder in map(folder_of, (twins.left, twins.right)) if folder}
    if len(folders) > 1:  # one of them may hold what was resized before
        return None
    library, files = binding(), [path for folder in folders for path in files_in(folder)]
    if library is not None and files:
        return _on_files(found, size, library, files)
    before = {kernel.before for kernel in stated}
    known = before.pop() if len(before) == 1 else None
    if known is None or known == size:
        return None
    shrinks = float(np.median([known[axis] / size[axis] for axis in (0, 1)]))
    return replace(found, shrinks=shrinks)


def _on_files(
    found: TwoKernels, size: tuple[int, int], library: Any, files: list[Path]
) -> TwoKernels | None:
    picks: list[int] = np.linspace(0, len(files) - 1, min(_MOST, len(files))).astype(int).tolist()
    headers = [library.header(files[at]) for at in picks]
    known: list[Header] = [one for one in headers if one is not None]
    levels: list[float] = []
    factors: list[float] = []
    pixels = 0
    for header in known:
        pixels += header.height * header.width
        if pixels > _MOST_PIXELS and levels:
            break
        decoder = library.decoders(jpeg=header.jpeg, channels=3)[0]
        picture = library.decode(header.path, decoder, "RGB")
        if picture is None:
            continue
        kernels = (BY_NAME[side.best] for side in (found.left, found.right))
        one, other = (resized(picture, kernel, size) for kernel in kernels)
        levels.append(float(np.abs(one - other).mean()))
        factors += [header.height / size[0], header.width / size[1]]
    apart = float(np.mean(levels)) if levels else 0.0
    if apart < _LEAST_LEVELS:
        return None
    shrinks = float(np.median(factors))
    return replace(found, shrinks=shrinks, levels=apart, pictures=len(levels))
