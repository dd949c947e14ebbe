"""What two calls of ``fit`` do differently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.diff.conftest import fit_trace
from tests.diff.handmade import codes, feed, fitted, in_order, reshuffled, seen
from twinfeed._core.plan import Plan, Step
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff import compare
from twinfeed.diff._measures.consumption import MEASURES
from twinfeed.diff._streams._consumption import extra_batches

STILL, MIXED = seen(feed(in_order)), seen(feed(reshuffled()))


def arrays(trace: Trace, **arguments: Any) -> Trace:
    plan = Plan((Step(kind="source", where="arrays"),), library="arrays")
    return fitted(replace(trace, plan=plan), "numpy.ndarray", **arguments)


def test_a_call_and_itself_have_no_difference() -> None:
    for trace in (arrays(MIXED), fitted(STILL), fitted(MIXED, "generator")):
        assert not codes(trace, trace, MEASURES)


def test_shuffle_is_ignored_only_where_the_other_side_mixes() -> None:
    assert codes(arrays(MIXED), fitted(STILL), MEASURES) == {"FIT201"}
    assert not codes(arrays(STILL, shuffle=False), fitted(STILL), MEASURES)
    assert not codes(arrays(MIXED), fitted(MIXED), MEASURES)
    assert not codes(fitted(STILL), fitted(MIXED), MEASURES)


def test_a_pydataset_that_mixes_its_own_examples_does_not_owe_it_to_the_argument() -> None:
    plan = Plan((Step(kind="source", where="PyDataset"),), library="PyDataset")
    batches = replace(fitted(seen(feed(reshuffled())), "made.Batches"), plan=plan)
    assert "FIT201" not in codes(fitted(STILL), batches, MEASURES)


@pytest.mark.parametrize("handed", ["tf.data.Dataset", "torch.utils.data.DataLoader", "generator"])
def test_batch_size_is_ignored_beside_anything_but_arrays(handed: str) -> None:
    other = seen(feed(reshuffled(), size=16))
    ignoring = fitted(MIXED, handed, batch_size=16)
    assert "FIT201" in codes(arrays(other, batch_size=16), ignoring, MEASURES)
    assert not codes(fitted(MIXED, handed, batch_size=32), fitted(MIXED, handed), MEASURES)


def test_differing_arguments_are_listed_once() -> None:
    left = arrays(MIXED, validation_split=0.2, epochs=5)
    right = arrays(MIXED, validation_split=0.0, epochs=10)
    (found,) = compare(left, right, measures=MEASURES).findings
    assert found.code == "FIT204"
    assert found.evidence["a_epochs"] == 5
    assert found.evidence["b_validation_split"] == 0.0


def test_defaults_that_are_left_out_are_no_difference() -> None:
    assert not codes(arrays(MIXED), arrays(MIXED, batch_size=32, validation_split=None), MEASURES)


def test_only_casts_of_one_side_are_named() -> None:
    def cast(trace: Trace) -> Trace:
        leaves = [replace(leaf, dtype="float64") for leaf in trace.spec.part("x")]
        spec = replace(trace.spec, leaves=(*leaves, *trace.spec.part("y")))
        assert trace.fit is not None
        return replace(trace, fit=replace(trace.fit, spec=spec))

    left = fitted(MIXED)
    assert left.fit is not None
    plain = replace(left, fit=replace(left.fit, spec=left.spec))
    assert codes(cast(left), plain, MEASURES) == {"FIT202"}
    assert not codes(cast(left), cast(left), MEASURES)
    assert not codes(cast(left), left, MEASURES), "what the other side was given is not known"


def test_weights_that_were_given_and_do_not_arrive_are_an_error() -> None:
    leaf = LeafSpec(path="weight", kind="dense", dtype="float32", shape=())
    weighted = replace(MIXED, spec=replace(MIXED.spec, leaves=(*MIXED.spec.leaves, leaf)))
    left, right = (fitted(trace, sample_weight=True) for trace in (weighted, MIXED))
    (found,) = compare(left, right, measures=MEASURES).findings
    assert (found.code, found.severity) == ("FIT203", "error")


def test_batches_read_beside_the_training_are_a_note(names: Callable[[], dict[str, Any]]) -> None:
    given = names()
    images, labels = given["images"], given["labels"]

    def batches() -> Any:
        for at in range(0, 400, 32):
            yield images[at : at + 32], labels[at : at + 32]

    generator = fit_trace(batches())
    dataset = fit_trace(given["tf"].data.Dataset.from_tensor_slices((images, labels)).batch(32))
    assert extra_batches(generator) > extra_batches(dataset)
    found = compare(generator, dataset, measures=MEASURES).findings
    assert [f.code for f in found] == ["FIT204"]
    assert found[0].severity == "note"


def test_batches_read_ahead_of_what_can_be_opened_again_come_after_why_a_feed_is_slow(
    names: Callable[[], dict[str, Any]],
) -> None:
    given = names()
    images, labels = given["images"], given["labels"]

    class ByIndex(given["keras"].utils.PyDataset):
        def __len__(self) -> int:
            return 12

        def __getitem__(self, index: int) -> Any:
            return images[index * 32 : index * 32 + 32], labels[index * 32 : index * 32 + 32]

    found = compare(fit_trace(ByIndex()), fit_trace(images[:384], labels[:384], batch_size=32))
    codes = [one.code for one in found.findings if one.severity == "note"]
    assert codes.index("PIP206") < codes.index("FIT204")


def test_the_same_training_again_has_no_difference(names: Callable[[], dict[str, Any]]) -> None:
    given = names()
    left, right = (fit_trace(given["images"], given["labels"], epochs=2) for _ in range(2))
    grave = [f for f in compare(left, right).findings if f.severity != "note"]
    assert not grave, [f.sentence for f in grave]
    assert isinstance(left.ticks.step_s, np.ndarray)


def test_weights_that_one_call_is_given_are_named_by_side() -> None:
    left, right = fitted(MIXED, class_weight=False), fitted(MIXED, class_weight=True)
    found = next(f for f in compare(left, right, measures=MEASURES).findings if f.code == "FIT204")
    assert found.sentence == "the calls of fit differ: only B is given class_weight"
    assert found.fix is not None
    assert found.fix.code == "the class_weight of B"
