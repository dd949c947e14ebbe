"""What a user writes to change one thing, in the API of the library that built the feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from twinfeed._core.trace import Trace

Want: TypeAlias = Literal[
    "shuffle", "reorder", "batch", "keep tail", "length", "cache", "prefetch", "parallel",
    "no python", "whole batches",
]  # fmt: skip

_TF: Mapping[Want, str] = {
    "shuffle": ".shuffle({examples}) before .batch(...)",
    "reorder": "reshuffle_each_iteration=True in .shuffle(...), and no tf.random.set_seed that repeats it",
    "batch": ".batch({batch})",
    "keep tail": "drop_remainder=False in .batch(...)",
    "length": ".apply(tf.data.experimental.assert_cardinality(...)), or .take(...) in front of fit",
    "cache": ".cache() after the last step that is not random and before .shuffle(...)",
    "prefetch": ".prefetch(tf.data.AUTOTUNE) as the last step",
    "parallel": "num_parallel_calls=tf.data.AUTOTUNE in .map(...)",
    "no python": "TensorFlow operations in .map(...) instead of py_function, numpy_function or a"
    " generator",
    "whole batches": ".batch(...) before .map(...), and no .unbatch()",
}
_IDG: Mapping[Want, str] = {
    "shuffle": "shuffle=True in flow(...), flow_from_directory(...) or flow_from_dataframe(...)",
    "reorder": "seed=None in flow(...), and no np.random.seed between the epochs",
    "batch": "batch_size={batch} in flow(...), flow_from_directory(...) or"
    " flow_from_dataframe(...)",
    "keep tail": "steps_per_epoch=None in fit: the iterator's own length counts the last batch",
    "length": "steps_per_epoch=None in fit: the iterator knows its length",
    "cache": "keras.utils.image_dataset_from_directory(...).cache(), which keeps decoded images",
    "prefetch": "workers=2 or more and max_queue_size=10 on the iterator"
    " (set_processing_attrs or flow's own arguments), or a tf.data pipeline",
    "parallel": "workers=2 or more on the iterator, or a tf.data pipeline with"
    " num_parallel_calls=tf.data.AUTOTUNE",
    "no python": "keras.utils.image_dataset_from_directory(...) with augmentation in .map(...)",
    "whole batches": "keras.utils.image_dataset_from_directory(...) with augmentation in .map(...)",
}
_PYDATASET: Mapping[Want, str] = {
    "shuffle": "permute the indices of all examples in on_epoch_end, and look them up in"
    " __getitem__",
    "reorder": "permute the indices of all examples in on_epoch_end, from a generator that goes on",
    "batch": "{batch} examples per batch in __getitem__",
    "keep tail": "math.ceil(examples / batch_size) in __len__",
    "length": "__len__ (num_batches) that returns the batches of one epoch",
    "cache": "keep decoded examples in a dict or an array that __getitem__ looks into first",
    "prefetch": "workers=2 or more and max_queue_size=10 in super().__init__(...)",
    "parallel": "workers=2 or more in super().__init__(...)",
    "no python": "a tf.data pipeline whose .map(...) uses TensorFlow operations",
    "whole batches": "NumPy operations on whole arrays in __getitem__",
}
_TORCH: Mapping[Want, str] = {
    "shuffle": "DataLoader(..., shuffle=True)",
    "reorder": "no generator=torch.Generator() that is seeded anew, and sampler.set_epoch(epoch) where a"
    " DistributedSampler is used",
    "batch": "DataLoader(..., batch_size={batch})",
    "keep tail": "DataLoader(..., drop_last=False)",
    "length": "__len__ on the dataset",
    "cache": "keep decoded examples in the dataset's __getitem__",
    "prefetch": "DataLoader(..., num_workers=2, prefetch_factor=2)",
    "parallel": "DataLoader(..., num_workers=2)",
    "no python": "DataLoader(..., num_workers=2), so that processes share the work",
    "whole batches": "DataLoader(..., sampler=BatchSampler(...), batch_size=None) over a dataset that is"
    " indexed by lists",
}
_GRAIN: Mapping[Want, str] = {
    "shuffle": ".shuffle(seed=...) on the MapDataset, before .batch(...)",
    "reorder": ".shuffle(seed=...).repeat(epochs), read with steps_per_epoch=...: each repetition is shuffled"
    " anew, while each epoch of fit starts at the first",
    "batch": ".batch({batch})",
    "keep tail": "drop_remainder=False in .batch(...)",
    "length": "a MapDataset, which knows its length; an IterDataset does not",
    "cache": "keep decoded examples in the data source's __getitem__",
    "prefetch": ".to_iter_dataset(grain.ReadOptions(num_threads=16, prefetch_buffer_size=500))"
    " after .batch(...)",
    "parallel": ".to_iter_dataset().mp_prefetch(grain.MultiprocessingOptions(num_workers=2))",
    "no python": ".to_iter_dataset().mp_prefetch(grain.MultiprocessingOptions(num_workers=2)), so"
    " that processes share the work",
    "whole batches": ".batch(...) before .map(...)",
}
_ARRAYS: Mapping[Want, str] = {
    "shuffle": "shuffle=True in fit, its default for arrays",
    "reorder": "no keras.utils.set_random_seed, which makes fit repeat one order, or a tf.data pipeline with"
    " .shuffle(...)",
    "batch": "batch_size={batch} in fit",
    "keep tail": "arrays keep the last batch",
    "length": "steps_per_epoch=None in fit: arrays know their length",
    "cache": "arrays are in memory",
    "prefetch": "arrays are in memory",
    "parallel": "arrays are in memory",
    "no python": "arrays are in memory",
    "whole batches": "arrays are cut into batches",
}
_GENERATOR: Mapping[Want, str] = {
    "shuffle": "permute the indices of all examples at the start of each epoch",
    "reorder": "permute the indices of all examples at the start of each epoch",
    "batch": "yield {batch} examples at a time",
    "keep tail": "yield the last examples as a smaller batch",
    "length": "steps_per_epoch=... in fit, or a keras.utils.PyDataset with __len__",
    "cache": "keep decoded examples between epochs",
    "prefetch": "a keras.utils.PyDataset with workers=2 or more, or a tf.data pipeline",
    "parallel": "a keras.utils.PyDataset with workers=2 or more, or a tf.data pipeline",
    "no python": "a tf.data pipeline whose .map(...) uses TensorFlow operations",
    "whole batches": "yield whole batches",
}
_FOLDER: Mapping[Want, str] = {
    "shuffle": "dir:...?shuffle=true",
    "reorder": "dir:...?shuffle=true",
    "batch": "dir:...?batch_size={batch}",
    "keep tail": "a folder keeps its last batch",
    "length": "a folder knows its length",
    "cache": "keras.utils.image_dataset_from_directory(...).cache()",
    "prefetch": "keras.utils.image_dataset_from_directory(...).prefetch(tf.data.AUTOTUNE)",
    "parallel": "keras.utils.image_dataset_from_directory(...), which decodes in parallel",
    "no python": "keras.utils.image_dataset_from_directory(...)",
    "whole batches": "keras.utils.image_dataset_from_directory(...)",
}
_WORDS: tuple[tuple[str, Mapping[Want, str]], ...] = (
    ("tf.data", _TF),
    ("ImageDataGenerator", _IDG),
    ("PyDataset", _PYDATASET),
    ("torch", _TORCH),
    ("grain", _GRAIN),
    ("arrays", _ARRAYS),
    ("image folder", _FOLDER),
    ("generator", _GENERATOR),
)
"""By a part of ``Plan.library``; an unknown library gets the words of a plain generator."""


def argument(
    trace: Trace, want: Want, *, examples: int | None = None, batch: int | None = None
) -> str:
    """What to write for one change.

    Args:
        trace: The side to change.
        want: What is wanted of it.
        examples: Examples per epoch, where the text names them.
        batch: Examples per batch, where the text names them.
    """
    library = trace.plan.library if trace.plan else ""
    words = next((words for part, words in _WORDS if part in library), _GENERATOR)
    return words[want].format(
        examples=f"{examples:_}" if examples else "number_of_examples",
        batch=batch or "...",
    )
