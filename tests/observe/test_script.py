"""An unmodified script under the tap, in a process of its own as ``twinfeed trace`` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from twinfeed.errors import NoFitError, SourceError, TwinFileError
from twinfeed.observe import load
from twinfeed.observe.script import run_script

RUN = """
import sys
from twinfeed.observe.script import run_script
assert "keras" not in sys.modules
stop = int(sys.argv[3]) or None
run_script(sys.argv[1], ["--rate", "3"], out=sys.argv[2], stop_after_epochs=stop)
"""
# JAX, because the script chooses it before it imports Keras, and because it starts fastest.
TRAIN = """
import os, sys
os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import keras
from beside import EPOCHS
assert sys.argv[1:] == ["--rate", "3"], sys.argv
assert __name__ == "__main__"
assert sys.modules["__main__"].__file__.endswith("train.py")
assert type(keras.__spec__.loader).__name__ == "SourceFileLoader", keras.__spec__
x, y = np.zeros((20, 3), "float32"), np.arange(20)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(x, y, batch_size=8, epochs=EPOCHS, verbose=0, callbacks=CALLBACKS)
"""


def run(folder: Path, script: str, *, stop: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a script under the tap; the trace goes to ``run.twin``."""
    (folder / "beside.py").write_text("EPOCHS = 3\n")
    path = folder / "train.py"
    path.write_text(textwrap.dedent(script))
    return subprocess.run(
        [sys.executable, "-c", RUN, str(path), str(folder / "run.twin"), str(stop)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"},
    )


def jax_script(callbacks: str, rest: str = "") -> str:
    pytest.importorskip("keras")
    pytest.importorskip("jax")
    return TRAIN.replace("CALLBACKS", callbacks) + rest


def test_runs_as_python_would_and_ends_with_its_exit(tmp_path):
    script = jax_script(
        "[]", "model.predict(x, verbose=0)\nprint('weights', model.count_params())\nsys.exit()\n"
    )
    done = run(tmp_path, script, stop=2)
    assert done.returncode == 0, done.stderr
    assert "weights 4" in done.stdout
    fit, predict = load(tmp_path / "run.twin")
    assert (fit.role, predict.role) == ("fit", "predict")
    assert fit.name.endswith("train.py")
    assert [epoch.ended for epoch in fit.epochs] == [True, True]  # three were asked for
    assert "fit was asked to stop after 2 epochs" in fit.notes
    assert fit.ticks.size.tolist() == [8, 8, 4] * 2
    assert sorted(fit.rows.label[:20].tolist()) == list(range(20))
    assert fit.fit
    assert fit.fit.backend == "jax"
    assert fit.complete


@pytest.mark.parametrize(
    "error", ["ValueError('in epoch 2')", "KeyboardInterrupt()", "SystemExit(3)"]
)
def test_saves_a_marked_part_when_the_script_raises_in_epoch_2(tmp_path, error):
    callback = (
        f"[keras.callbacks.LambdaCallback(on_epoch_begin=lambda e, logs: e == 1 and boom({error}))]"
    )
    script = jax_script(callback).replace(
        "import keras\n", "import keras\ndef boom(error): raise error\n", 1
    )
    done = run(tmp_path, script)
    assert done.returncode != 0
    assert error.partition("(")[0] in done.stderr or done.returncode == 3
    (trace,) = load(tmp_path / "run.twin")
    assert not trace.complete
    assert [epoch.ended for epoch in trace.epochs] == [True]
    assert f"fit ended with {error.partition('(')[0]}" in trace.notes


def test_a_script_that_never_trains_is_named(tmp_path):
    script = tmp_path / "idle.py"
    script.write_text("import sys\nsys.exit(0)\n")
    argv, path = list(sys.argv), list(sys.path)
    with pytest.raises(NoFitError, match=r"(?s)idle\.py ended without a call.*Expected.*Hint:"):
        run_script(script, out=tmp_path / "run.twin")
    assert (argv, path) == (sys.argv, sys.path)
    assert not (tmp_path / "run.twin").exists()


def test_what_the_script_raises_before_training_is_raised_again(tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("raise LookupError('mine')\n")
    with pytest.raises(LookupError, match="mine"):
        run_script(script, out=tmp_path / "run.twin")
    assert not (tmp_path / "run.twin").exists()


def test_refuses_before_it_runs_anything(tmp_path):
    script = tmp_path / "touches.py"
    script.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(TwinFileError):
        run_script(script, out=tmp_path / "mine.txt")
    with pytest.raises(TwinFileError):
        run_script(script, out=tmp_path / "missing" / "run.twin")
    with pytest.raises(SourceError):
        run_script(tmp_path / "absent.py")
    assert not (tmp_path / "ran").exists()
