"""A slice of the calibration that ``benchmarks/calibration.py`` runs at length."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from tests.calibration.material import draw
from tests.calibration.pipelines import FAULTS, Pipeline
from tests.calibration.trial import findings, some_pipeline

BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.mark.parametrize("kind", ["digits", "textures"])
@pytest.mark.parametrize("seed", [1, 2])
def test_equal_pipelines_give_nothing_but_notes_on_order(kind: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    pipeline = some_pipeline(random)
    data = draw(random, kind, int(random.integers(100, 400)))
    found = findings(random, data, pipeline, pipeline)
    assert not [f.sentence for f in found if not f.code.startswith("ORD")], pipeline


@pytest.mark.parametrize(
    "names",
    [
        ("not scaled", "random flips"),
        ("channels reversed", "short buffer"),
        ("a tenth missing", "other batch size"),
        ("labels shuffled", "half size"),
    ],
)
def test_two_faults_at_once_are_both_named(names: tuple[str, str]) -> None:
    random = np.random.default_rng(0)
    one, other = (BY_NAME[name] for name in names)
    data = draw(random, "textures", 600)
    found = {f.code for f in findings(random, data, Pipeline(), one.plant(other.plant(Pipeline())))}
    assert found & one.codes, found
    assert found & other.codes, found
