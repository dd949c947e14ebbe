"""A script that shows without twinfeed that two uses of one feed end differently."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.feed import Feed
from twinfeed._core.version import __version__
from twinfeed.attribute._scripts import caught
from twinfeed.observe.source import ScriptSource
from twinfeed.report import replace_file
from twinfeed.report.clean import one_line
from twinfeed.repro import HEADER, replace_data

_MOST_BYTES, _MOST_EXAMPLES = 300_000, 1_000
_SCRIPT = """{header} (version {version}): two models, the same arrays in the same order
#
# Models and compilation are those of {a} (A) and {b} (B).
# It needs Keras and NumPy alone, and {beside} beside it.

import json
from pathlib import Path

import keras
import numpy as np

MODELS = {{
    "A": {left!a},
    "B": {right!a},
}}
EPOCHS, BATCH_SIZE, SEED = {epochs}, {batch_size}, 0

data = np.load(Path(__file__).with_name({beside!a}))
x, y = data["x"], data["y"]
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
"""


def write_repro(sources: tuple[ScriptSource, ScriptSource], feed: Feed, target: Path) -> None:
    """Write it: both models as Keras saves them, and a loop of a few lines; some batches of A beside it.

    Args:
        sources: The two scripts.
        feed: What A trains on.
        target: The script; the batches are in a file of the same name that ends in ``.npz``.

    Raises:
        UsageError: If it cannot be written.
    """
    fits = [caught(source) for source in sources]
    data, size = _some(feed)
    beside = target.with_suffix(".npz")
    text = _SCRIPT.format(
        header=HEADER,
        version=__version__,
        a=one_line(sources[0].path.name),
        b=one_line(sources[1].path.name),
        left=fits[0].saved(),
        right=fits[1].saved(),
        epochs=min(fit.arguments["epochs"] for fit in fits),
        batch_size=size,
        beside=beside.name,
    )
    replace_data(beside, data)
    replace_file(target, text, given=f"--repro {target}")


def _some(feed: Feed) -> tuple[dict[str, Array], int]:
    """Some batches, and the batch size; fewer where they are large."""
    batches: list[Any] = []
    held: dict[str, Array] = {}
    size = 32
    for batch in feed.open_epoch():
        if not isinstance(batch.x, np.ndarray) or not isinstance(batch.y, np.ndarray):
            break
        size = size if batches else batch.size
        more = {
            name: np.concatenate([getattr(one, name) for one in (*batches, batch)])
            for name in ("x", "y")
        }
        packed = io.BytesIO()
        np.savez_compressed(packed, **more)  # pyright: ignore[reportArgumentType]
        if batches and packed.tell() > _MOST_BYTES:
            break
        batches.append(batch)
        held = more
        if len(more["x"]) >= _MOST_EXAMPLES:
            break
    return held, size
