"""The vocabulary of causes: what public reports of "the same data trains differently" came down to.

A measure names the tags that it stands for; a test keeps watch that each tag has one.
"""

from __future__ import annotations

from collections.abc import Mapping

VOCABULARY: Mapping[str, str] = {
    # values and pictures
    "missing-rescale": "raw levels reach a model that was trained on scaled ones, or the reverse",
    "double-rescale": "the division happens twice, in two steps or in feed and model",
    "normalization-constant-mismatch": "mean, deviation or divisor are not the same",
    "preprocess-mode-mismatch": "the modes of `preprocess_input` are confused",
    "input-dependent-scaling": "the scale depends on the dtype or on the values of the input",
    "model-embeds-preprocessing": "the model scales its input itself, which the feed may not know",
    "op-order-mismatch": "the same steps run in another order",
    "bit-depth-loss": "16-bit or float data are cut to 8 bits on the way",
    "channel-mismatch": "channels are swapped, weighed differently, dropped or repeated",
    "geometry-policy-mismatch": "stretched, cropped, padded or transposed by different rules",
    "resize-backend-mismatch": "two libraries resize differently under one name",
    "resize-kernel-mismatch": "another kernel resizes, often by a default",
    "resize-no-antialias": "pictures shrink without a wider filter, so fine detail aliases",
    "jpeg-decode-mismatch": "the same JPEG decodes to other pixels, or was encoded again",
    "exif-orientation-ignored": "one reader turns a photo as its tag says and another does not",
    "mask-value-corruption": "segmentation masks get values that are no classes",
    # augmentation
    "augment-semantics": "one name has another unit, range, fill or meaning",
    "augmentation-on-eval": "random steps act on validation or test data",
    "cache-freezes-randomness": "a cache behind random steps replays its first epoch for ever",
    "seed-repeats-randomness": "a seed makes each epoch, worker or picture draw alike",
    "random-frozen-at-trace": "a random number is drawn once, while a function is traced",
    "pair-desync": "picture and mask, or two inputs, are augmented differently",
    "worker-duplication": "workers produce the same examples or the same random numbers",
    # labels
    "label-spec-mismatch": "shape, dtype or encoding of the labels do not fit the loss",
    "class-index-mismatch": "the same class has another number",
    "label-file-misalignment": "pictures carry the labels of other pictures",
    "predict-shuffled-misaligned": "predictions are held against labels of another order",
    # order
    "sorted-data-unshuffled": "data sorted by class or time are never mixed",
    "shuffle-buffer-too-small": "the shuffle's window is small against the data or a class",
    "shuffle-misplaced": "a shuffle of batches, behind a repeat, or behind costly steps",
    "shuffle-once-not-per-epoch": "one order, drawn once, is replayed each epoch",
    "order-not-reproducible": "the order differs from run to run although a seed is set",
    # sets, batches and epochs
    "epoch-length-mismatch": "stated length, steps and real number of batches disagree",
    "partial-last-batch": "the tail is dropped, padded or weighed differently",
    "eval-covers-partial-set": "evaluation sees a part of the set, or another part each time",
    "file-set-mismatch": "two readers of one folder pick different files",
    "shard-bias": "shards or workers see an uneven or repeated part of the data",
    "split-leak": "training and validation share examples or their twins",
    "split-not-random": "the split follows the order in storage",
    # speed and memory
    "cache-incomplete": "a cache that is never filled, so its work is done again",
    "heavy-buffer": "a buffer or cache of decoded pictures costs memory and start-up time",
    "no-parallel-or-prefetch": "producer and consumer take turns instead of overlapping",
    "per-element-overhead": "a constant cost per example dominates",
    "python-bottleneck": "work per example runs in the interpreter, one at a time",
    # what the framework does with it
    "fit-argument-ignored": "`fit` takes an argument that means nothing for this kind of feed",
    "input-key-order": "several inputs are matched by position or sorted name",
    "iterator-state-carried-over": "the feed goes on where it was left, or reuses its buffers",
    "metric-aggregation": "the reported number averages batches in another way",
    # umbrellas
    "library-version-drift": "another release of a library gives other batches, order or speed",
    "train-eval-serve-skew": "training and evaluation treat the same file differently",
}
"""Every tag with its meaning."""
