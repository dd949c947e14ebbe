"""What only a loaded Keras can tell. Keras itself is never imported here."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

_DEFAULTS = {"floatx": "float32", "image_data_format": "channels_last"}
_OF_KERAS = re.compile(r"(?:keras|tf_keras|tensorflow)\.(?:\w+\.)*applications\.")
_ASKING = "_finite_generator"


def setting(name: str) -> str:
    """``"floatx"`` or ``"image_data_format"`` as Keras would answer, without loading Keras."""
    keras: Any = sys.modules.get("keras")
    if keras is not None:
        return str(getattr(keras.config, name)())
    return _written().get(name, _DEFAULTS[name])


@cache
def _written() -> dict[str, str]:
    """The user's ``keras.json``."""
    home = Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser())
    try:
        found = json.loads((home / "keras.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: found[name] for name in _DEFAULTS if isinstance(found.get(name), str)}


def say(message: str) -> None:
    """Print a line where Keras would, or log it where Keras was told to."""
    keras: Any = sys.modules.get("keras")
    if keras is not None and not keras.config.is_interactive_logging_enabled():
        logging.getLogger("absl").info(message)
        return
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


def is_preprocess_input(function: object) -> bool:
    """Whether a function is one of ``keras.applications``: those draw no random numbers."""
    module = getattr(function, "__module__", None) or ""
    return getattr(function, "__name__", "") == "preprocess_input" and bool(_OF_KERAS.match(module))


_JOINED: dict[tuple[type, type], type] = {}


def joined(kind: type) -> type:
    """A class that is ``kind`` and what ``Model.fit`` asks for, once Keras is loaded."""
    modules: dict[str, Any] = dict(sys.modules)
    legacy = modules.get("keras.src.legacy.preprocessing.image")
    keras = modules.get("keras")
    base = getattr(legacy, "Iterator", None) or vars(getattr(keras, "utils", object)).get(
        "PyDataset"
    )
    if base is None:
        return kind
    if (kind, base) not in _JOINED:
        _JOINED[kind, base] = type(kind.__name__, (kind, base), {"__module__": kind.__module__})
    return _JOINED[kind, base]


def asked_order(dataset: object) -> Sequence[int] | None:
    """The order in which a running ``Model.fit`` asks for batches, where that can be seen.

    ``fit`` mixes the batches of a ``PyDataset`` unless told not to, in a list that only its own
    generator knows. It is looked at to prepare the right batches; a wrong list would cost time
    and change nothing.
    """
    frame: FrameType | None = sys._getframe(1)
    for _ in range(6):
        if frame is None:
            return None
        if frame.f_code.co_name == _ASKING:
            seen = frame.f_locals
            asks = getattr(seen.get("self"), "py_dataset", None)
            order = seen.get("indices")
            return order if asks is dataset and isinstance(order, list | range) else None
        frame = frame.f_back
    return None
