"""Named inputs that a model takes by their place among the sorted names.

## What it does
Compares the names of a feed's inputs with those of the model that `fit` was called on, where both are a
`dict`. It fires where the feed holds a name more, and one that is sorted before a name of the model.

## Why it matters
Keras sorts both by name and pairs them by place, with no more than a warning. A feed of `age`, `height` and
`weight` gives a model of `height` and `weight` the age as the height and the height as the weight.

## Example
```python
import keras

columns = {name: np.random.default_rng(0).random((64, 1)) for name in ("age", "height", "weight")}
inputs = {name: keras.Input((1,), name=name) for name in ("height", "weight")}
network = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()(list(inputs.values()))))
network.compile("sgd", "mse")
ds = tf.data.Dataset.from_tensor_slices((columns, np.zeros((64, 1)))).shuffle(64).batch(32)
network.fit(ds, verbose=0)
```

Use instead:
```python
import keras

columns = {name: np.random.default_rng(0).random((64, 1)) for name in ("height", "weight")}
inputs = {name: keras.Input((1,), name=name) for name in ("height", "weight")}
network = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()(list(inputs.values()))))
network.compile("sgd", "mse")
ds = tf.data.Dataset.from_tensor_slices((columns, np.zeros((64, 1)))).shuffle(64).batch(32)
network.fit(ds, verbose=0)
```

## Fix safety
Show: whether the model shall take the other column or the feed leave it out is yours to say.
"""

import re
from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed.lint._rule import Answer, Needs, Rule
from twinfeed.lint._subject import Subject

_NAMED = re.compile(r'x\["([^"\]]+)"\]')


def check(subject: Subject) -> Iterator[Answer]:
    """Find an input that takes the values of another name."""
    if not subject.use.call:
        return  # without a call of Keras there is no model to ask
    trace = subject.sample
    if trace is None or trace.fit is None:
        return
    wanted = sorted(trace.fit.model_inputs)
    inputs = [_NAMED.fullmatch(leaf.path) for leaf in trace.spec.part("x")]
    given = sorted(name[1] for name in inputs if name)
    # Where a name is missing Keras stops by itself.
    if not wanted or len(given) != len(inputs) or not set(wanted) < set(given):
        return
    crossed = [(name, other) for name, other in zip(wanted, given, strict=False) if name != other]
    if not crossed:
        return
    yield RULE.finding(
        subject,
        f"the feed holds {len(given)} named inputs and the model takes {len(wanted)}, in the order of"
        " their names: " + ", ".join(f"{name} gets {other}" for name, other in crossed[:3]),
        evidence={"crossed": len(crossed), "given": len(given), "taken": len(wanted)},
        fix=Fix(
            "Leave out what the model does not take",
            f"ds.map(lambda x, y: ({{name: x[name] for name in {wanted}}}, y))",
        ),
        size=1.0,
    )


RULE = Rule(
    code="FIT103",
    name="inputs-by-position",
    severity=Severity.ERROR,
    tags=("input-key-order",),
    since="0.2",
    check=check,
    page=__doc__,
    needs=Needs.SAMPLE,
)
