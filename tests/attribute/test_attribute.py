"""Real trainings of a small network, from two feeds to an answer."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from twinfeed.attribute import Attribution, attribute
from twinfeed.attribute.render import schema, to_json, to_text
from twinfeed.errors import UserCodeError

pytest.importorskip("keras")

from tests.attribute.test_world import Recipe

SCRIPT = """
import keras
import numpy as np

rng = np.random.default_rng(0)
y = np.arange(96) % 3
x = (rng.normal(0, 1, (96, 6)) + 2 * np.eye(3, 6)[y]).astype("float32")
model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(8), keras.layers.Dense(3)])
model.compile(
    keras.optimizers.Adam(RATE),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x, y, batch_size=16, epochs=3, validation_data=(x, y), verbose=0)
raise RuntimeError("never reached: the script is left at its first fit")
"""


def lines(folder: Path) -> list[str]:
    (runs,) = folder.glob("shares-*/runs.jsonl")
    return runs.read_text().splitlines()


def attributed(folder: Path, *, seeds: int, **options: object) -> Attribution:
    return attribute(
        Recipe().feed(1), Recipe(scale=1.0).feed(50), seeds=seeds, epochs=2, jobs=1,
        folder=folder, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Attribution]:
    folder = tmp_path_factory.mktemp("runs") / "one"

    def stop(what: str, _count: int) -> None:
        if what.startswith("5 trainings"):
            raise KeyboardInterrupt

    return folder, attributed(folder, seeds=3, progress=stop)


def test_an_interruption_leaves_a_marked_answer_from_whole_seeds(
    interrupted: tuple[Path, Attribution],
) -> None:
    _, found = interrupted
    assert not found.complete
    assert found.trainings == 4  # B without its cause came to the batches of A
    assert found.accuracy is not None
    assert found.accuracy.seeds == 1
    assert found.verdict.kind == "undecided"
    assert "PARTIAL" in to_text(found)


def test_the_same_call_goes_on_and_shares_sum_to_the_gap(
    interrupted: tuple[Path, Attribution], tmp_path: Path
) -> None:
    folder, _ = interrupted
    before = lines(folder)
    found = attributed(folder, seeds=3)
    after = lines(folder)
    assert after[: len(before)] == before
    assert len(after) == 9
    gap = found.accuracy
    assert found.complete
    assert gap is not None
    assert gap.seeds == 3
    parts = [one.share.value for one in gap.shares if one.share]
    assert math.fsum([*parts, gap.unexplained.value]) == gap.gap.value
    assert [one.key for one in gap.shares] == ["values"]
    assert all(len(line) <= 80 for line in to_text(found, width=80).splitlines())
    for end in ("html", "json", "txt"):
        found.save(tmp_path / f"gap.{end}")
    assert "value range" in (tmp_path / "gap.html").read_text()
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(json.loads(to_json(found)), schema())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "jobs"), [("sparse_categorical_crossentropy", 2), ("categorical_crossentropy", 1)]
)
def test_a_model_of_the_users_gets_labels_in_the_form_that_its_loss_takes(
    loss: str, jobs: int, tmp_path: Path
) -> None:
    import keras

    def make() -> keras.Model:
        layers = [keras.layers.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(4)]
        model = keras.Sequential([*layers, keras.layers.Softmax()])
        model.compile("adam", loss, metrics=["accuracy"])
        return model

    found = attribute(
        Recipe().feed(1), Recipe(one_hot=True).feed(50), model=make, seeds=2,
        epochs=2, jobs=jobs, folder=tmp_path / "runs", timing=0,
    )  # fmt: skip
    assert found.accuracy is not None
    (form,) = found.accuracy.shares
    assert (form.key, form.proof) == ("label-form", "proven")
    assert form.share is not None
    assert form.share.value == 0
    assert "labels as its loss takes them" in found.network


@pytest.mark.slow
def test_pictures_of_another_size_are_not_evaluated_on_those_of_a(tmp_path: Path) -> None:
    found = attribute(
        Recipe().feed(1), Recipe(large=True).feed(50), evaluate=Recipe().feed(7), seeds=2,
        epochs=2, jobs=1, folder=tmp_path / "runs", timing=0,
    )  # fmt: skip
    assert found.accuracy is not None
    assert "held out" in found.evaluation
    assert any("held out of both feeds" in note for note in found.notes)


def test_a_script_that_raises_before_it_trains_is_told_as_such(tmp_path: Path) -> None:
    from twinfeed.train._frameworks._script import caught

    script = tmp_path / "train.py"
    script.write_text("import no_such_library\n")
    with pytest.raises(UserCodeError, match="no_such_library") as raised:
        caught(str(script), ())
    assert "Hint: install no_such_library" in str(raised.value)


@pytest.mark.slow
def test_two_scripts_that_use_one_feed_differently_point_at_the_use(tmp_path: Path) -> None:
    for name, rate in (("a.py", "0.05"), ("b.py", "1e-6")):
        (tmp_path / name).write_text(SCRIPT.replace("RATE", rate))
    done = subprocess.run(
        [
            sys.executable, "-m", "twinfeed", "attribute", "a.py", "b.py", "--seeds", "4",
            "--output-format", "json", "--repro", "bug.py", "--resume", "runs",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["verdict"]["kind"] == "framework"
    assert [clue["what"] for clue in told["clues"]] == ["optimizer"]
    assert "8 trainings: 2 trainings for each paired seed, 4 seeds" in done.stderr
    assert "a seed takes about" in done.stderr
    assert len((tmp_path / "bug.py").read_text().splitlines()) <= 40
    assert (tmp_path / "bug.npz").exists()
    alone = subprocess.run(
        [sys.executable, "-I", "bug.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "A {" in alone.stdout
    assert "B {" in alone.stdout
