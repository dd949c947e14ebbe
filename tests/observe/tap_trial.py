"""Trains small models with and without the tap, in a process of its own per backend.

Started by ``test_tap.py`` as ``python tap_trial.py BACKEND FOLDER``; writes ``facts.json``.
"""

# pyright: reportUntypedBaseClass=none
from __future__ import annotations

# First of all: it chooses the backend before Keras is imported.
from tap_material import (  # isort: skip
    BACKEND,
    Batches,
    EXAMPLES,
    FACTS,
    FOLDER,
    SIZE,
    X,
    Y,
    dataset,
    generator,
    ids,
    loader,
    model,
    train,
    twice,
)

import gc
import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

import twinfeed
from twinfeed.errors import KerasVersionError, TwinFileError
from twinfeed.observe.tap import Watch, tapped


def equality() -> None:
    """200 steps: weights, callbacks and random state with the tap and without."""
    feeds: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
        "arrays": (
            lambda: (X, Y),
            {"batch_size": SIZE, "validation_data": (X[:20], Y[:20]), "class_weight": {1: 2.0}},
        ),
        "pydataset": (Batches, {"validation_data": (X[:20], Y[:20])}),
        "tf.data": (dataset, {}),
        "generator": (generator, {"steps_per_epoch": 25}),
    }
    if BACKEND == "torch":
        feeds["loader"] = (loader, {})
    for name, (feed, fit) in feeds.items():
        bare, with_tap, traces = twice(
            lambda f=feed, k=fit, n=name: train(f, built=n != "arrays", **k)
        )
        FACTS[f"equal {name}"] = [a == b for a, b in zip(bare, with_tap, strict=True)]
        fit_trace = traces[0]
        FACTS[f"trace {name}"] = {
            "roles": [trace.role for trace in traces],
            "epochs": [len(trace.epochs) for trace in traces],
            "ended": [e.ended for e in fit_trace.epochs],
            "looked": [e.looked for e in fit_trace.epochs],
            "steps": len(fit_trace.ticks.step_s),
            "examples seen": int(fit_trace.ticks.size.sum()),
            "timed": bool((fit_trace.ticks.step_s >= 0).all())
            and bool(np.isfinite(fit_trace.ticks.wait_s[:25]).all()),
            "leaves": [[leaf.path, leaf.dtype] for leaf in fit_trace.spec.leaves],
            "handed": fit_trace.fit.handed if fit_trace.fit else "",
            "metrics": {
                k: len(v) for k, v in (fit_trace.fit.metrics if fit_trace.fit else {}).items()
            },
            "batches": fit_trace.batches,
            "examples": fit_trace.examples,
            "plan": [s.kind for s in fit_trace.plan.steps] if fit_trace.plan else None,
            "notes": list(fit_trace.notes),
            "complete": fit_trace.complete,
            "fetched": fit_trace.fit.fetched_batches if fit_trace.fit else 0,
        }


def recording_model() -> tuple[type, list[list[float]]]:
    """A model whose own ``train_step`` writes down the labels that it trains on."""
    written: list[list[float]] = []

    def write(labels: Any) -> None:
        written.append(np.asarray(labels).astype(float).ravel().tolist())

    if BACKEND == "tensorflow":
        import tensorflow as tf

        class OnTensorFlow(keras.Sequential):
            def train_step(self, data: Any) -> Any:
                def call(labels: Any) -> Any:
                    write(labels)
                    return np.int64(0)

                tf.numpy_function(call, [data[1]], tf.int64)
                return super().train_step(data)

        return OnTensorFlow, written
    if BACKEND == "jax":
        import jax

        class OnJax(keras.Sequential):
            def train_step(self, state: Any, data: Any) -> Any:
                jax.debug.callback(write, data[1], ordered=True)
                return super().train_step(state, data)

        return OnJax, written

    class OnTorch(keras.Sequential):
        def train_step(self, data: Any) -> Any:
            write(data[1])
            return super().train_step(data)

    return OnTorch, written


class StopAt(keras.callbacks.Callback):
    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch = batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch >= self.batch:
            self.model.stop_training = True


def trained_on() -> None:
    """The batches of the trace are those that ``train_step`` was given, and no others."""
    several = {} if BACKEND == "torch" else {"steps_per_execution": 4}

    def unknown() -> Any:
        return dataset().filter(lambda x, y: True)

    cases: dict[str, tuple[Callable[[], Any], dict[str, Any], dict[str, Any]]] = {
        "whole": (dataset, {}, {}),
        "cut": (lambda: dataset().repeat(), {}, {"steps_per_epoch": 6}),
        "cut inside": (dataset, {}, {"steps_per_epoch": 10}),
        "stopped": (dataset, {}, {"callbacks": [StopAt(7)]}),
        "unknown length": (unknown, several, {}),
        "several per execution": (lambda: (X, Y), several, {"batch_size": SIZE}),
        "workers": (lambda: Batches(workers=2), {}, {}),
    }
    for name, (feed, compile_with, fit) in cases.items():
        keras.utils.set_random_seed(3)
        kind, written = recording_model()
        plain = {"jit_compile": False} if BACKEND == "tensorflow" else {}
        made = model(kind, **compile_with, **plain)
        given = feed()
        watch = Watch()
        with tapped(watch), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*ran out of data")
            made.fit(*(given if isinstance(given, tuple) else (given,)), epochs=2, verbose=0, **fit)
        if BACKEND == "jax":
            sys.modules["jax"].effects_barrier()
        (trace,) = watch.traces()
        seen = [batch for epoch in ids(trace) for batch in epoch]
        FACTS[f"trained {name}"] = {
            "same": seen == written,
            "batches": len(written),
            "sizes": trace.ticks.size.tolist() == [len(batch) for batch in written],
            "ended": [epoch.ended for epoch in trace.epochs],
        }


def roles() -> None:
    """Evaluate and predict on their own, inside ``fit``, and on forms with several inputs."""
    left = keras.Input((3,), name="left")
    right = keras.Input((3,), name="right")
    joined = keras.layers.Dense(1)(keras.layers.Concatenate()([left, right]))
    made = keras.Model([left, right], joined)
    made.compile("sgd", "mse")
    inputs = {"left": X[:, :3], "right": X[:, 3:]}

    few, more = ({key: part[:n].copy() for key, part in inputs.items()} for n in (5, 7))

    class Asks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.predict(few, verbose=0)
            self.model.predict(more, verbose=0)

    watch = Watch()
    with tapped(watch):
        made.fit(
            inputs, Y, epochs=2, verbose=0, validation_split=0.25, callbacks=[Asks()],
            sample_weight=np.ones(EXAMPLES, np.float32),
        )  # fmt: skip
        made.evaluate(inputs, Y, batch_size=50, steps=2, verbose=0)
        made.predict([X[:, :3], X[:, 3:]], verbose=0)
        for _ in range(3):
            made.fit(X_PARTS, Y, batch_size=98, verbose=0)
    FACTS["roles"] = [
        {
            "role": trace.role,
            "epochs": len(trace.epochs),
            "rows": len(trace.rows),
            "paths": [leaf.path for leaf in trace.spec.leaves],
            "stated": [leaf.path for leaf in trace.fit.spec.leaves]
            if trace.fit and trace.fit.spec
            else None,
            "arguments": dict(trace.fit.arguments) if trace.fit else {},
            "sizes": trace.ticks.size.tolist(),
            "notes": list(trace.notes),
        }
        for trace in watch.traces()
    ]


X_PARTS = [X[:, :3].copy(), X[:, 3:].copy()]


class Breaks(keras.callbacks.Callback):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch == 4 and len(self.model.history.epoch) == 1:
            raise self.error


def callback() -> None:
    """``Tap``: the first use in a process, a second use, errors, and foreign files."""
    feed = dataset(shuffle=False)
    made = model()
    path = FOLDER / "run.twin"
    inner = keras.Model.fit.__closure__[0].cell_contents
    # ``made.fit`` is looked up before the tap exists, as in every user's script.
    made.fit(
        feed, epochs=2, verbose=0, validation_data=(X[:20], Y[:20]), callbacks=[twinfeed.Tap(path)]
    )
    traces = twinfeed.load(path)
    FACTS["tap"] = {
        "roles": [trace.role for trace in traces],
        "ids": ids(traces[0])[0][0],
        "complete": all(trace.complete for trace in traces),
    }
    for error in (ValueError("no"), KeyboardInterrupt()):
        broken = FOLDER / f"{type(error).__name__}.twin"
        try:
            made.fit(feed, epochs=3, verbose=0, callbacks=[twinfeed.Tap(broken), Breaks(error)])
        except (ValueError, KeyboardInterrupt) as raised:
            (trace,) = twinfeed.load(broken)
            FACTS[f"tap {type(error).__name__}"] = {
                "same error": raised is error,
                "complete": trace.complete,
                "ended": [epoch.ended for epoch in trace.epochs],
                "batches": len(trace.ticks.size),
                "notes": list(trace.notes),
            }
    kept = twinfeed.Tap(FOLDER / "again.twin")
    made.fit(feed, epochs=1, verbose=0, callbacks=[kept])
    made.fit(feed, epochs=1, verbose=0, callbacks=[kept])
    made.evaluate(feed, verbose=0)  # not given to this call, so none of its business
    FACTS["tap again"] = [[t.role, len(t.epochs)] for t in twinfeed.load(FOLDER / "again.twin")]
    foreign = FOLDER / "notes.txt"
    foreign.write_text("mine")
    refused = []
    for wrong in (foreign, FOLDER / "missing" / "run.twin"):
        try:
            twinfeed.Tap(wrong)
        except TwinFileError as error:
            refused.append("Hint:" in str(error))
    FACTS["tap refuses"] = [refused, foreign.read_text()]
    del kept
    gc.collect()
    FACTS["tap leaves"] = keras.Model.fit.__closure__[0].cell_contents is inner


def seam() -> None:
    """Everything is put back, and a Keras of another shape is named."""
    from twinfeed.observe._frameworks import _keras_seam

    found = _keras_seam._find()
    before = [found.iterator.__next__, *(vars(found.callbacks).values())]
    with tapped(Watch()):
        between = found.iterator.__next__ is not before[0]
    after = [found.iterator.__next__, *(vars(found.callbacks).values())]
    FACTS["seam restored"] = [between, before == after]
    begin = found.callbacks.on_test_begin
    del found.callbacks.on_test_begin
    base_begin = keras.callbacks.Callback.on_test_begin
    del keras.callbacks.Callback.on_test_begin
    try:
        _keras_seam.install()
    except KerasVersionError as error:
        FACTS["seam missing"] = [keras.__version__ in str(error), "on_test_begin" in str(error)]
    found.callbacks.on_test_begin = begin
    keras.callbacks.Callback.on_test_begin = base_begin


def faults() -> None:
    """A batch that cannot be looked at is noted, and trained on all the same."""

    class Reads(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x["a"])

    class Odd(keras.utils.PyDataset):
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> Any:
            part = slice(index * 4, index * 4 + 4)
            return {"a": X[part], "more": X[: index * 4 + 1]}, Y[
                part
            ]  # ``more`` has rows of its own

    watch = Watch()
    made = Reads()
    made.compile("sgd", "mse")
    with tapped(watch):
        made.fit(Odd(), verbose=0, shuffle=False)
    (trace,) = watch.traces()
    FACTS["fault"] = [list(trace.notes), len(trace.rows), len(trace.ticks.size)]


def strategies() -> None:
    """Under a distribution strategy nothing breaks, and what cannot be seen is said."""
    if BACKEND != "tensorflow":
        return
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    weights: list[str] = []
    watch = Watch()
    for tap in (False, True):
        keras.utils.set_random_seed(5)
        with strategy.scope():
            made = model(built=False)
        if tap:
            with tapped(watch):
                made.fit(dataset(), epochs=2, verbose=0)
        else:
            made.fit(dataset(), epochs=2, verbose=0)
        weights.append("".join(w.tobytes().hex() for w in made.get_weights()))
    (trace,) = watch.traces()
    looked = [epoch.looked for epoch in trace.epochs]
    FACTS["strategy"] = [weights[0] == weights[1], len(trace.ticks.size), looked, list(trace.notes)]


def leftovers() -> None:
    """A batch that was handed on to a step that never ran is not trained on later."""

    class Refuses(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if batch == 2:
                raise ValueError("before the step")

    keras.utils.set_random_seed(3)
    kind, written = recording_model()
    made = model(kind, **({"jit_compile": False} if BACKEND == "tensorflow" else {}))
    feed, watch = dataset(shuffle=False), Watch()
    with tapped(watch):
        try:
            made.fit(feed, verbose=0, callbacks=[Refuses()])
        except ValueError:
            written.clear()
        made.fit(feed, verbose=0)
    if BACKEND == "jax":
        sys.modules["jax"].effects_barrier()
    (trace,) = watch.traces()
    FACTS["leftovers"] = [written[0], trace.ticks.size.tolist()[:4], len(written)]


def own_function() -> None:
    """A train function of the user's own may draw two batches per step, and does not hang."""
    if BACKEND != "tensorflow":
        return

    class TwoAtOnce(keras.Sequential):
        def make_train_function(self, force: bool = False) -> Any:
            def function(iterator: Any) -> Any:
                first, second = next(iterator), next(iterator)
                drawn.extend(batch[1].numpy().tolist() for batch in (first, second))
                self.train_step(first)
                return self.train_step(second)

            self.train_function = function
            return function

    drawn: list[list[int]] = []
    watch = Watch()
    made = model(TwoAtOnce)
    with tapped(watch):
        made.fit(dataset(shuffle=False).repeat(), steps_per_epoch=3, verbose=0)
    (trace,) = watch.traces()
    FACTS["own function"] = [len(drawn), drawn[-1][0], list(trace.notes)]


def main() -> None:
    strategies()  # first: logical devices can be made only before the first operation
    callback()
    gc.freeze()  # a new session collects garbage, and what is loaded by now is none
    equality()
    trained_on()
    roles()
    seam()
    faults()
    leftovers()
    own_function()
    (FOLDER / "facts.json").write_text(json.dumps(FACTS, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
