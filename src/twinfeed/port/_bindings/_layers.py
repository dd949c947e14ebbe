"""Arguments of Keras's class as layers and as arguments of ``image_dataset_from_directory``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

_FILL_MODES = {
    "nearest": "nearest",
    "reflect": "reflect",
    "constant": "constant",
    "grid-constant": "constant",
}
IsKerasFunction: TypeAlias = Callable[[str], bool]
_LOST: dict[str, str] = {
    "featurewise_center": "no layer finds it for a stream; keras.layers.Normalization needs adapt",
    "featurewise_std_normalization": "keras.layers.Normalization needs adapt, and adds no 1e-6",
    "samplewise_center": "no layer takes each picture's own mean",
    "samplewise_std_normalization": "tf.image.per_image_standardization has another lower bound",
    "zca_whitening": "no layer does it",
    "brightness_range": "it multiplies, and keras.layers.RandomBrightness adds",
    "shear_range": "its matrix also shrinks, and keras.layers.RandomShear's does not",
    "channel_shift_range": "it clips to each picture's own extremes, and RandomBrightness does not",
    "validation_split": "image_dataset_from_directory holds back other files, not some per class",
    "subset": "image_dataset_from_directory holds back other files, not some per class",
    "save_to_dir": "a Dataset writes no pictures",
    "keep_aspect_ratio": "it crops before Pillow resizes; crop_to_aspect_ratio rounds differently",
    "cache": "put .cache() before .map yourself, where the memory allows it",
    "on_error": "a Dataset ends at the first bad file",
}


@dataclass(slots=True)
class Written:
    """What stands for arguments.

    Attributes:
        pieces: Layers, or ``name=value`` of the function.
        notes: What is not quite as it was.
        refusals: By argument, why it cannot be kept.
        preprocess: A function for the batch, behind the layers.
        labels: What is done with the labels; ``None`` where there are none.
        names: What the parts of a batch are called.
        cast: Whether pictures are yet to be made float32.
    """

    pieces: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    refusals: dict[str, str] = field(default_factory=dict[str, str])
    preprocess: str = ""
    labels: str | None = "labels"
    names: list[str] = field(default_factory=lambda: ["images", "labels"])
    cast: bool = False


def layers(given: Mapping[str, str], tf: str, is_keras_function: IsKerasFunction) -> Written:
    """The layers for arguments of the class, in the order in which they act.

    Args:
        given: Code of each argument.
        tf: What TensorFlow is called.
        is_keras_function: Whether an argument is a ``preprocess_input`` of Keras.
    """
    done = Written()
    refuse_lost(given, done)
    moves: list[str] = []
    how = _sampling(given, done)
    start = f"{tf}.keras.layers."
    if _is_given(given, "rotation_range"):
        moves.append(f"{start}RandomRotation({_over_360(given['rotation_range'])}{how})")
    moves += [f"{start}RandomTranslation({x}{how})" for x in _translation(given, done)]
    moves += [f"{start}RandomZoom({x}{how})" for x in _zoom(given, done)]
    if len(moves) > 1:
        done.notes.append("each layer samples the picture again; the class does it once for all")
    flips = [
        word
        for name, word in (("horizontal_flip", "horizontal"), ("vertical_flip", "vertical"))
        if _flag(given, name, done)
    ]
    done.pieces = moves
    if flips:
        done.pieces.append(f'{start}RandomFlip("{"_and_".join(flips)}")')
    if _is_given(given, "preprocessing_function"):
        if not is_keras_function(given["preprocessing_function"]):
            done.refusals["preprocessing_function"] = (
                "it gets one array at a time, and a Dataset has tensors; preprocess_input of "
                "keras.applications can be kept"
            )
        elif _is_given(given, "rescale"):
            done.refusals["rescale"] = "it comes after preprocessing_function, not before"
        done.preprocess = given["preprocessing_function"]
    elif _is_given(given, "rescale"):
        done.pieces.append(f"{start}Rescaling({given['rescale']})")
    for name, kept in (("data_format", "channels_last"), ("dtype", "float32")):
        if value_of(given.get(name, "None")) not in {None, kept}:
            done.refusals[name] = f"only {kept} is what a Dataset of pictures has"
    return done


def folder(given: Mapping[str, str]) -> Written:
    """Arguments of ``image_dataset_from_directory`` for those of ``flow_from_directory``."""
    done = Written()
    refuse_lost(given, done)
    mode = value_of(given.get("class_mode", "'categorical'"))
    forms = {
        "categorical": ("categorical", "labels"),
        "binary": ("binary", "{tf}.squeeze(labels, axis=-1)"),
        "sparse": ("int", "{tf}.cast(labels, {tf}.float32)"),
        None: (None, None),
    }
    if mode not in forms:
        done.refusals["class_mode"] = f"{given['class_mode']} has no label_mode"
        return done
    label_mode, done.labels = forms[mode]
    done.names = done.names[: 1 if label_mode is None else 2]
    if value_of(given.get("interpolation", "'nearest'")) != "nearest":
        done.refusals["interpolation"] = (
            "Pillow smooths when it shrinks, and image_dataset_from_directory does not"
        )
    done.pieces = [given["directory"]] if "directory" in given else []
    shown = "None" if label_mode is None else f'"{label_mode}"'
    done.pieces += [f"label_mode={shown}", 'interpolation="nearest"']
    names = {
        "target_size": "image_size",
        "color_mode": "color_mode",
        "classes": "class_names",
        "batch_size": "batch_size",
        "shuffle": "shuffle",
        "seed": "seed",
        "follow_links": "follow_links",
    }
    done.pieces += [f"{new}={given[old]}" for old, new in names.items() if old in given]
    if value_of(given.get("shuffle", "True")) is not False:
        done.notes.append(
            "shuffle: from the second epoch on, examples move within about eight batches only; "
            "the class mixes all of them"
        )
    if "seed" in given:
        done.notes.append("seed: it gives another order and other draws than the class's")
    if value_of(given.get("color_mode", "'rgb'")) == "grayscale":
        done.notes.append("color_mode: TensorFlow weighs the colours of a JPEG differently")
    done.notes.append(
        "directory: JPEGs are decoded by TensorFlow, some values differ by a few levels of 255; "
        ".ppm and .tif files are not read, .gif files are"
    )
    return done


def refuse_lost(given: Mapping[str, str], done: Written) -> None:
    """Note the arguments that nothing else has."""
    for name, why in _LOST.items():
        if name in given and value_of(given[name]) not in {None, False, "raise"}:
            done.refusals[name] = why


def _sampling(given: Mapping[str, str], done: Written) -> str:
    """How values beside the pixels are found, as arguments of a layer."""
    fill = value_of(given.get("fill_mode", "'nearest'"))
    if fill not in _FILL_MODES:
        done.refusals["fill_mode"] = "SciPy's wrap repeats with another period than the layers'"
    if fill == "constant":
        done.notes.append("fill_mode: the layers blend a rim of one pixel with the constant")
    fill = _FILL_MODES.get(str(fill), "nearest")
    order = value_of(given.get("interpolation_order", "1"))
    if order not in {0, 1}:
        done.refusals["interpolation_order"] = "layers know nearest and bilinear"
    how = f', fill_mode="{fill}"'
    if fill == "constant" and "cval" in given:
        how += f", fill_value={given['cval']}"
    return how + (', interpolation="nearest"' if order == 0 else "")


def _translation(given: Mapping[str, str], done: Written) -> list[str]:
    """``height_shift_range`` moves columns and ``width_shift_range`` rows: so Keras has it."""
    names = ("width_shift_range", "height_shift_range")
    shifts = {name: value_of(given.get(name, "0.0")) for name in names}
    if not any(shifts.values()):
        return []
    for name, shift in shifts.items():
        if isinstance(shift, bool) or not isinstance(shift, float | int) or (shift and shift >= 1):
            done.refusals[name] = "only a fraction below 1, written out, is a fraction for layers"
    rows, columns = shifts["width_shift_range"], shifts["height_shift_range"]
    done.notes.append(
        "height_shift_range moves columns and width_shift_range rows in Keras; kept so, and "
        "exact for square pictures"
    )
    return [f"{rows}, {columns}"]


def _zoom(given: Mapping[str, str], done: Written) -> list[str]:
    """1 is no zoom for the class and 0 for the layer; both shrink with more."""
    if not _is_given(given, "zoom_range"):
        return []
    given_zoom = value_of(given["zoom_range"])
    if isinstance(given_zoom, float | int):
        low, high = 1 - given_zoom, 1 + given_zoom
    elif isinstance(given_zoom, tuple) and len(cast("tuple[Any, ...]", given_zoom)) == 2:
        low, high = cast("tuple[Any, Any]", given_zoom)
    else:
        done.refusals["zoom_range"] = "it is not written out, so what it means cannot be told"
        return []
    if low == high == 1:
        return []
    pair = (round(low - 1, 12), round(high - 1, 12))
    return [f"{pair}, {pair}"]


def _over_360(code: str) -> str:
    """Degrees as a fraction of a turn."""
    return f"({code}) / 360" if isinstance(value_of(code), str) else f"{code} / 360"


def _flag(given: Mapping[str, str], name: str, done: Written) -> bool:
    value = value_of(given.get(name, "False"))
    if isinstance(value, str):
        done.refusals[name] = "it is not written out, so whether it flips cannot be told"
    return bool(value)


def _is_given(given: Mapping[str, str], name: str) -> bool:
    return name in given and given[name] not in {"None", "0", "0.0", "0."}


def value_of(code: str) -> Any:
    """The value of a literal; its own text for anything else, ``None`` for ``None``."""
    try:
        found: Any = ast.literal_eval(code)
    except (ValueError, SyntaxError):
        return code
    return tuple(cast("list[Any]", found)) if isinstance(found, list) else found
