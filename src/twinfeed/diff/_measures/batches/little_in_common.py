"""Two parts of one set of files that were drawn by different rules.

## What it does
Where both sides are recognised by name or by content and were read to their ends, counts the
examples in common. Some, but less than half of the smaller side, mean two parts of one set. So do
more of them where both sides have as many examples and each lacks some of every class that the
other has, as two draws of 80 % do.

## From what size
From 20 examples of each feed on, it is found in nine runs of ten whether two parts of one set
have a third of their examples in common. Below that the answer is undecided and says how many
it takes.

## Why it matters
`validation_split` of the older readers takes the first files of each class in order of their
names, `image_dataset_from_directory` draws with its seed, and arrays give their last rows. Scores
on two such parts are not comparable, and a part in order of names may be one patient or one day.

## Example
```python
order = np.random.default_rng(0).permutation(len(images))[:100]
data = tf.data.Dataset.from_tensor_slices
a = data((images[:100], labels[:100])).batch(20)
b = data((images[order], labels[order])).batch(20)
```

Use instead:
```python
order = np.random.default_rng(0).permutation(len(images))[:100]
data = tf.data.Dataset.from_tensor_slices
a = data((images[order], labels[order])).batch(20)
b = data((images[order], labels[order])).batch(20)
```

## Fix safety
Unsafe: the data change.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, parts_of_one_set
from twinfeed.diff._streams._two_draws import two_draws
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find two sides that have some of their examples in common, and not all."""
    found = two_draws(twins)
    if found is None or any(
        label_form(side).form == "mixed one-hot" for side in (twins.left, twins.right)
    ):
        return  # mixed with another one, an example is no longer the same
    few = 2 * found.common < min(found.left, found.right)
    only = "only " if few else ""
    yield MEASURE.finding(
        f"{only}{found.common:,} of A's {found.left:,} and B's {found.right:,} examples are the same:"
        " they are two parts of one set, drawn by different rules",
        evidence={
            "examples_in_common": found.common,
            "a_examples": found.left,
            "b_examples": found.right,
            "told_by": found.told_by,
        },
        fix=Fix(
            "Draw both parts by one rule",
            "one list of files, mixed once with a seed and split once, for both feeds",
            Safety.UNSAFE,
        ),
        # Which examples there are comes before the order in which they do.
        size=0.97 if few else 0.75,
    )


MEASURE = Measure(
    code="BAT213",
    name="little-in-common",
    severity=Severity.WARNING,
    tags=("split-not-random", "file-set-mismatch"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=20,
        size="two parts of one set have a third of their examples in common",
        open=parts_of_one_set,
    ),
)
