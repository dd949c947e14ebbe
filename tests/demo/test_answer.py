"""The question is answered without being told: each planted difference is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinfeed._core.finding import Finding, Strength
from twinfeed._core.results import Report
from twinfeed.demo import Answer, answer
from twinfeed.errors import SourceError


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    for library in ("tensorflow", "keras", "tensorflow_datasets", "PIL"):
        pytest.importorskip(library)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWINFEED_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        return answer()


def named(report: Report) -> dict[str, Finding]:
    return {finding.code: finding for finding in report.findings}


def test_keras_against_its_imitation(found: Answer) -> None:
    causes = named(found.reports[0])
    frozen = causes["AUG202"]
    assert frozen.sentence.startswith("B's augmentation is frozen by the cache")
    assert frozen.strength is Strength.PROVEN
    assert causes["AUG205"].sentence.startswith("A zooms at random")
    assert causes["AUG206"].sentence.startswith("B changes brightness at random")
    assert "leaves the range 0 to 1" in causes["AUG207"].sentence
    assert "shear_range=0.2 is 0.2 degrees" in causes["AUG208"].sentence
    assert causes["LBL201"].evidence["a_form"] == "one-hot"
    assert causes["SPD202"].sentence.startswith("A is slower")
    assert "AUG204" not in causes  # both flip


def test_tfds_against_keras(found: Answer) -> None:
    causes = named(found.reports[1])
    assert causes["AUG201"].sentence.startswith("B changes its examples anew each epoch")
    assert {"AUG204", "AUG205", "LBL201", "GEO203", "PIP201", "PIP202", "SPD202"} <= set(causes)


def test_zoom_is_recovered_as_it_was_set(found: Answer) -> None:
    zoom = named(found.reports[0])["AUG205"].evidence
    for bound, truth in (("low", 0.8), ("high", 1.2)):
        for axis in "xy":
            assert zoom[f"a_zoom_{axis}_{bound}"] == pytest.approx(truth, abs=0.04)


def test_each_pipeline_was_trained_and_its_accuracy_has_an_interval(found: Answer) -> None:
    assert [outcome.label[0] for outcome in found.outcomes] == ["a", "b", "c"]
    for outcome in found.outcomes:
        low, high = outcome.interval
        assert 0.7 < outcome.accuracy < 1
        assert low < outcome.accuracy < high
        assert outcome.steady_epoch_s > 0


@pytest.mark.parametrize("data", ["mnist", "tfds:", "tfds:no_such_set"])
def test_data_that_cannot_be_had_are_refused(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorflow_datasets")
    monkeypatch.setenv("TWINFEED_CACHE_DIR", str(tmp_path))
    with pytest.raises(SourceError, match="Hint"):
        answer(data)
