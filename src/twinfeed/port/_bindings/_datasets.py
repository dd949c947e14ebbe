"""Feeds of arrays and of tables as ``tf.data`` code."""

from __future__ import annotations

import re
from collections.abc import Mapping

from twinfeed.port._bindings._layers import Written, refuse_lost, value_of

_SIMPLE = re.compile(r"[^\W\d][\w.]*(?:\[[\w.'\": ,]*\])?")
_LINE = 80
_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}
_MODES = ("categorical", "binary", "sparse", "raw", None)


def arrays(given: Mapping[str, str], tf: str) -> Written:
    """A Dataset for the arguments of ``flow``: ``pieces`` are its steps up to the batches.

    Args:
        given: Code of each argument.
        tf: What TensorFlow is called.
    """
    done = _begun(given)
    x = given.get("x", "x")
    if not _is_simple("x", x, done):
        return done
    parts = [x, *(given[name] for name in ("y", "sample_weight") if _is_there(given, name))]
    if len(parts) == 2 and _is_there(given, "sample_weight"):
        done.refusals["sample_weight"] = "without y a Dataset has no place for it"
    done.cast = True
    done.names = ["images", "labels", "weights"][: len(parts)]
    done.pieces = [
        _slices(parts, tf),
        *_shuffled(given, x, done),
        f".batch({given.get('batch_size', '32')})",
    ]
    return done


def frame(given: Mapping[str, str], tf: str) -> Written:
    """The same for the arguments of ``flow_from_dataframe``."""
    done = _begun(given)
    table = given.get("dataframe", "dataframe")
    mode = value_of(given.get("class_mode", "'categorical'"))
    colour = value_of(given.get("color_mode", "'rgb'"))
    _is_simple("dataframe", table, done)
    if _not_of_tables(given, mode, colour, done):
        return done
    parts = [_paths(given, table, tf)]
    if mode is not None:
        parts.append(_labels(given, table, tf, str(mode)))
    if _is_there(given, "weight_col"):
        parts.append(f"{table}[{given['weight_col']}].to_numpy()")
    done.cast = True
    done.names = ["images", "labels", "weights"][: len(parts)]
    names = ["path", *done.names[1:]]
    pixels = (
        f"{tf}.io.decode_image({tf}.io.read_file(path), "
        f"channels={_CHANNELS[str(colour)]}, expand_animations=False)"
    )
    size = given.get("target_size", "(256, 256)")
    read = f'{tf}.image.resize({pixels}, {size}, method="nearest")'
    step = f"lambda {', '.join(names)}: {_structure([read, *names[1:]])}"
    done.pieces = [
        _slices(parts, tf),
        *_shuffled(given, table, done),
        f".map(\n    {step},\n    num_parallel_calls={tf}.data.AUTOTUNE,\n)",
        f".batch({given.get('batch_size', '32')})",
    ]
    if value_of(given.get("validate_filenames", "True")) is not False:
        done.notes.append("validate_filenames: a missing file ends it; the class leaves it out")
    if colour == "grayscale":
        done.notes.append("color_mode: TensorFlow weighs the colours of a JPEG differently")
    done.notes.append(
        "dataframe: JPEGs are decoded by TensorFlow, some values differ by a few levels of 255; "
        ".ppm and .tif files are not read"
    )
    return done


def _not_of_tables(given: Mapping[str, str], mode: object, colour: object, done: Written) -> bool:
    """Whether there is something that no Dataset made of a table can do; it is noted."""
    if mode not in _MODES:
        done.refusals["class_mode"] = f"{given['class_mode']} has no equal in one Dataset"
    if mode is None and _is_there(given, "weight_col"):
        done.refusals["weight_col"] = "without labels a Dataset has no place for it"
    if _is_there(given, "classes"):
        done.refusals["classes"] = "rows of other classes are left out; leave them out of the table"
    if colour not in _CHANNELS:
        done.refusals["color_mode"] = "it is not written out, so how many channels cannot be told"
    if value_of(given.get("interpolation", "'nearest'")) != "nearest":
        done.refusals["interpolation"] = "Pillow smooths when it shrinks, and tf.image does not"
    return bool(done.refusals)


def _paths(given: Mapping[str, str], table: str, tf: str) -> str:
    column = f"{table}[{given.get('x_col', repr('filename'))}]".replace("'", '"')
    if not _is_there(given, "directory"):
        return f"{column}.to_numpy()"
    return f"[{tf}.io.gfile.join(str({given['directory']}), name) for name in {column}]"


def _labels(given: Mapping[str, str], table: str, tf: str, mode: str) -> str:
    """Numbers of the sorted classes, as the class gives them."""
    column = f"{table}[{given.get('y_col', repr('class'))}]".replace("'", '"')
    if mode == "raw":
        return f"{column}.to_numpy()"
    numbers = f'{column}.astype("category").cat.codes.to_numpy('
    if mode == "categorical":
        return f"{tf}.one_hot({numbers}), {column}.nunique())"
    return f'{numbers}"float32")'


def _shuffled(given: Mapping[str, str], counted: str, done: Written) -> list[str]:
    shuffle = value_of(given.get("shuffle", "True"))
    if shuffle is False:
        return []
    if shuffle is not True:
        done.refusals["shuffle"] = "it is not written out, so whether it shuffles cannot be told"
    if not _is_there(given, "seed"):
        return [f".shuffle(len({counted}))"]
    done.notes.append("seed: it gives another order and other draws than the class's")
    return [f".shuffle(len({counted}), seed={given['seed']})"]


def _begun(given: Mapping[str, str]) -> Written:
    done = Written()
    refuse_lost(given, done)
    if "subset" in done.refusals:
        done.refusals["subset"] = "a Dataset has no parts; slice what it is made of"
    return done


def _structure(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _slices(parts: list[str], tf: str) -> str:
    """A Dataset of examples; long parts stand on lines of their own."""
    made = f"{tf}.data.Dataset.from_tensor_slices({_structure(parts)})"
    if len(made) <= _LINE or len(parts) == 1:
        return made
    return (
        f"{tf}.data.Dataset.from_tensor_slices((\n" + "".join(f"    {x},\n" for x in parts) + "))"
    )


def _is_there(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "None") != "None"


def _is_simple(name: str, code: str, done: Written) -> bool:
    """Whether code may be written twice without doing its work twice."""
    if _SIMPLE.fullmatch(code):
        return True
    done.refusals[name] = "its value is needed twice; give it a name first"
    return False
