"""What the ledger kept of a pair of feeds, as measures cite it."""

from __future__ import annotations

from twinfeed._core.finding import Evidence, Severity
from twinfeed.diff._fixes._rewrite import built_by, on_inputs
from twinfeed.diff._ledger._account import account
from twinfeed.diff._ledger._step import Kept
from twinfeed.diff._replay._kernels import BY_NAME
from twinfeed.diff._replay._recipe import Named, Recipe
from twinfeed.diff._replay._stated import TwoKernels
from twinfeed.diff._replay._told import both
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._bent_orders import bent_orders

DETAIL = (
    "background", "orientation", "crop and scale", "tone curve", "levels", "encoding", "resize kernel",
    "sharpness", "decoder",
)  # fmt: skip
"""Steps that leave nothing for a difference without a cause."""
_NOTICED = 1.5  # mean levels below which training hardly notices: about another decoder
_ROUNDING = 0.01  # of the spread, that may be left where files explain all
_NO_SHARE = 1e-3  # of the difference, that a scale takes of what others leave to rounding
_LEAST_PICTURES = 16  # registered pairs below which a few bad ones make the rule
_PILLOW = {"nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"}
_TF = {
    "nearest": 'method="nearest"',
    "bilinear": 'method="bilinear"',
    "bilinear-antialias": 'method="bilinear", antialias=True',
    "area": 'method="area"',
    "bicubic": 'method="bicubic"',
    "bicubic-antialias": 'method="bicubic", antialias=True',
    "lanczos3-antialias": 'method="lanczos3", antialias=True',
    "linear": 'method="bilinear"',
    "lanczos": 'method="lanczos3", antialias=True',
}


def kept_step(twins: Twins, step: str) -> Kept | None:
    """A step of the ledger that pays, or ``None``."""
    found = account(twins)
    return found.of(step) if found else None


def is_told(twins: Twins) -> bool:
    """Whether a step of detail pays and is spoken of, so that the difference has a name."""
    found = account(twins)
    if found is None:
        return False
    named = [step for step in DETAIL if step != "crop and scale" and found.of(step)]
    # What files show of grey or alpha accounts for the values as well; a fitted line does not.
    replayed_channels = replayed(twins, "channels") is not None
    return bool(named) or replayed_channels or crop_step(twins) is not None


def crop_step(twins: Twins) -> Kept | None:
    """The crop that pays, where enough pictures were registered to speak of it, or ``None``."""
    found = kept_step(twins, "crop and scale")
    if found is None or replayed(twins, "crop and scale") is not None:
        return found
    pictures = found.facts["pictures"]
    return found if isinstance(pictures, int) and pictures >= _LEAST_PICTURES else None


def bent_not_scaled(twins: Twins) -> bool:
    """Whether something else explains what looks like a line of its own.

    A curve, fewer levels or a background do, and what files show of grey, alpha, decoder or
    kernel: decoders round otherwise, so that the middle of a channel may move by a level.
    """
    found = account(twins)
    if curved_each(twins):
        return True  # what a line takes of what the curves leave is no scale
    if found is None and bent_orders(twins) is not None:
        return True
    values = found.of("values") if found else None
    if found is None or (values is not None and values.share > _NO_SHARE):
        return False
    bent = any(found.of(step) for step in ("background", "tone curve", "levels"))
    made = any(replayed(twins, step) for step in ("decoder", "resize kernel"))
    nothing_left = made and found.left_share < _ROUNDING
    return bent or nothing_left or replayed(twins, "channels") is not None


def same_but_padded(twins: Twins) -> bool:
    """Whether values are the same but for the colour of what was padded, or transparent.

    That colour alone may reach further than the range that the pictures keep to.
    """
    found = kept_step(twins, "background")
    return found is not None and bool(found.facts.get("same_beside_it"))


def curved_each(twins: Twins) -> bool:
    """Whether each picture follows a curve of its own."""
    found = kept_step(twins, "tone curve")
    return found is not None and bool(found.facts.get("of_each"))


def replayed(twins: Twins, step: str) -> tuple[Kept, Recipe, Recipe] | None:
    """A kept step with both recipes, where both sides were replayed."""
    found, recipes = kept_step(twins, step), both(twins)
    return None if found is None or recipes is None else (found, *recipes)


def apart(found: Kept) -> float | None:
    """Mean difference that a step makes, in levels of 255."""
    value = found.facts.get("apart_levels")
    return value if isinstance(value, float) else None


def severity_of(levels: float | None) -> Severity:
    """By the mean difference in levels: up to another decoder's it is a note."""
    return Severity.NOTE if levels is not None and levels < _NOTICED else Severity.WARNING


def size_of(levels: float | None) -> float:
    """Where a finding stands among those of its severity."""
    return 0.4 if levels is None else min(0.8, 0.15 + levels / 40)


def in_levels(levels: float | None) -> str:
    """``, 3.2 levels of 255 apart in the mean``."""
    return "" if levels is None else f", {levels:.1f} levels of 255 apart in the mean"


def one_smooths(left: Recipe, right: Recipe) -> bool:
    """Whether one side widens its kernel as it shrinks and the other does not."""
    if left.kernel is None or right.kernel is None or max(left.shrinks, right.shrinks) <= 1:
        return False  # a kernel that only enlarges has nothing to widen for
    return BY_NAME[left.kernel.best].smooths != BY_NAME[right.kernel.best].smooths


def recipe_evidence(left: Recipe, right: Recipe) -> Evidence:
    """Both recipes, and what they rest on."""
    return {
        "a_kernel": str(left.kernel) if left.kernel else None,
        "b_kernel": str(right.kernel) if right.kernel else None,
        "a_decoder": str(left.decoder) if left.decoder else None,
        "b_decoder": str(right.decoder) if right.decoder else None,
        "a_shape": left.policy.best,
        "b_shape": right.policy.best,
        "a_left_levels": left.left_levels,
        "b_left_levels": right.left_levels,
        "a_files_replayed": left.pictures,
        "b_files_replayed": right.pictures,
    }


def said_where(found: TwoKernels) -> str:
    """Where two kernels are known from: ``target_size (A) states and B's files show``."""
    sides = (("A", found.left_where), ("B", found.right_where))
    told = [
        f"{where} of {name} states" if where else f"the files of {name} show"
        for name, where in sides
    ]
    return " and ".join(told)


def on_files(found: TwoKernels) -> str:
    """What two kernels make of the files: ``, which makes 8.3 levels of 255 in 8 of the files``."""
    if found.levels is None:
        return ""
    return f": {found.levels:.1f} levels of 255 apart in the mean of {found.pictures} files"


def stated_evidence(found: TwoKernels) -> Evidence:
    """Both kernels, and what they make of the files."""
    return {
        "a_kernel": str(found.left),
        "b_kernel": str(found.right),
        "a_stated": found.left_where,
        "b_stated": found.right_where,
        "shrinks": found.shrinks,
        "apart_levels": found.levels,
        "files_resized": found.pictures,
    }


def kernel_call(twins: Twins, goal: Named) -> str:
    """How B is resized with A's kernel, in the API that built B."""
    library, _, method = goal.best.partition("-")
    trace = twins.right
    bare = method.removesuffix("-antialias").removesuffix("3")
    if built_by(trace, "ImageDataGenerator"):
        way = bare if bare in _PILLOW else "bilinear"
        exact = "" if library == "pil" else "; Pillow has no kernel that equals A's"
        return f'interpolation="{way}" in flow_from_directory(...){exact}'
    if built_by(trace, "tf.data"):
        if library == "tf1":
            return on_inputs(trace, _of_library(goal.best)) + ", on the decoded pictures"
        how = _TF.get(f"{bare}-antialias" if library == "pil" and bare != "nearest" else method)
        how = how or 'method="bilinear", antialias=True'
        return on_inputs(trace, f"tf.image.resize(x, size, {how})") + ", on the decoded pictures"
    return f"{_of_library(goal.best)}, which is {goal.best}, as in A"


def _of_library(kernel: str) -> str:
    """The call that resizes by a named kernel, with the library that it is named after."""
    library, _, method = kernel.partition("-")
    if library == "pil":
        return f"image.resize((width, height), Image.Resampling.{method.upper()})"
    if library == "cv2":
        return f"cv2.resize(x, (width, height), interpolation=cv2.INTER_{method.upper()})"
    if library == "tf1":
        way, _, corners = method.partition("-")
        more = ", align_corners=True" if corners else ""
        return f"tf.compat.v1.image.resize_{way}(x, size{more})"
    return f"tf.image.resize(x, size, {_TF[method]})"
