"""A script that shows without twinfeed that two uses of one feed end differently."""

from __future__ import annotations

import base64
import io
import zlib
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np

from twinfeed._core.feed import Feed
from twinfeed.attribute._scripts import caught
from twinfeed.observe.source import ScriptSource

_MOST_BYTES = 300_000
_LINE = 96
_SCRIPT = '''"""Two models, the same arrays in the same order: the results differ.

Models and compilation are those of {a} (A) and {b} (B).
"""

import base64
import io
import json
import zlib

import keras
import numpy as np

MODELS = {{
    "A": {left!r},
    "B": {right!r},
}}
DATA = """
{data}
"""
EPOCHS, BATCH_SIZE, SEED = {epochs}, {batch_size}, 0

held = np.load(io.BytesIO(zlib.decompress(base64.b64decode("".join(DATA.split())))))
x, y = held["x"], held["y"]
first = None
for name, text in MODELS.items():
    keras.utils.set_random_seed(SEED)
    told = json.loads(text)
    model = keras.models.model_from_json(json.dumps(told["model"]))
    model.compile_from_config(told["compile"])
    if first is not None and [w.shape for w in first] == [w.shape for w in model.get_weights()]:
        model.set_weights(first)
    first = model.get_weights()
    model.fit(x, y, batch_size=BATCH_SIZE, epochs=EPOCHS, shuffle=False, verbose=0)
    print(name, model.evaluate(x, y, verbose=0, return_dict=True))
'''


def write_repro(sources: tuple[ScriptSource, ScriptSource], feed: Feed, target: Path) -> None:
    """Write it: both models as Keras saves them, some batches of A, and a loop of a few lines.

    Args:
        sources: The two scripts.
        feed: What A trains on.
        target: The file.
    """
    fits = [caught(source) for source in sources]
    data, size = _some(feed)
    text = _SCRIPT.format(
        a=sources[0].path.name,
        b=sources[1].path.name,
        left=fits[0].saved(),
        right=fits[1].saved(),
        data="\n".join(wrap(data, _LINE)),
        epochs=min(fit.arguments["epochs"] for fit in fits),
        batch_size=size,
    )
    target.write_text(text, "utf-8")


def _some(feed: Feed) -> tuple[str, int]:
    """Some batches as text, and the batch size; fewer where they are large."""
    batches: list[Any] = []
    held, size = "", 32
    for batch in feed.open_epoch():
        if not isinstance(batch.x, np.ndarray) or not isinstance(batch.y, np.ndarray):
            break
        size = size if batches else batch.size
        packed = _packed([*batches, batch])
        if batches and len(packed) > _MOST_BYTES:
            break
        batches.append(batch)
        held = packed
    return held, size


def _packed(batches: list[Any]) -> str:
    file = io.BytesIO()
    x, y = (np.concatenate([getattr(one, name) for one in batches]) for name in ("x", "y"))
    np.savez(file, x=x, y=y)
    return base64.b64encode(zlib.compress(file.getvalue(), 9)).decode()
