"""A script and what it is rewritten to, both run: the same reaches the model."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("libcst")
pytest.importorskip("keras")
from tests.calibration.material import draw
from twinfeed.cli import main

SCRIPT = """
import os, sys
import keras
from keras.src.legacy.preprocessing.image import ImageDataGenerator

HERE = os.path.dirname(os.path.abspath(__file__))
augment = ImageDataGenerator(rescale=1 / 255, rotation_range=20, zoom_range=0.2, horizontal_flip=True)
train = augment.flow_from_directory(
    os.path.join(HERE, "photos"), target_size=(24, 24), batch_size=4, seed=3
)
model = keras.Sequential([keras.layers.Input((24, 24, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
model.compile("sgd", "mse")
model.fit(train, epochs=int(sys.argv[1]), verbose=0)
"""


def test_a_ported_script_feeds_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    image = pytest.importorskip("PIL.Image")
    monkeypatch.chdir(tmp_path)
    if find_spec("jax"):
        monkeypatch.setenv("KERAS_BACKEND", "jax")  # of the scripts' processes: it starts fastest
    # Keras's own draws race in fit: enough pictures for it to be seen that both draw alike.
    pictures, _ = draw(np.random.default_rng(0), "textures", 60)
    for index, values in enumerate(pictures):
        folder = tmp_path / "photos" / ("cats", "dogs")[index % 2]
        folder.mkdir(parents=True, exist_ok=True)
        image.fromarray(values).save(folder / f"{index}.png")
    (tmp_path / "train.py").write_text(SCRIPT)
    assert main(["port", "train.py", "--", "2"]) == 2
    assert "add --prove" in capfd.readouterr().err
    cells = [{"cell_type": "code", "source": part} for part in ("%matplotlib inline\n", SCRIPT)]
    (tmp_path / "train.ipynb").write_text(json.dumps({"cells": cells}))
    code = main(["port", "train.py", "train.ipynb", "--prove", "--", "2"])
    out, err = capfd.readouterr()
    assert code == 0, out + err
    for name in ("train.py", "train.ipynb"):
        assert f"{name}: same: " in out
        assert "from twinfeed.images import" in (tmp_path / name).read_text()
    assert sorted(found.name for found in tmp_path.iterdir()) == [
        "photos",
        "train.ipynb",
        "train.py",
    ]
