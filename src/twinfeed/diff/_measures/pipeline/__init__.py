"""PIP: caching, prefetching and parallel work."""

from twinfeed.diff._measures.pipeline import (
    cache_on_one_side,
    misplaced_cache,
    misplaced_shuffle,
    parallel_map_on_one_side,
    prefetch_on_one_side,
    python_in_the_loop,
    single_examples_on_one_side,
)

MEASURES = (
    cache_on_one_side.MEASURE,
    prefetch_on_one_side.MEASURE,
    parallel_map_on_one_side.MEASURE,
    misplaced_cache.MEASURE,
    misplaced_shuffle.MEASURE,
    python_in_the_loop.MEASURE,
    single_examples_on_one_side.MEASURE,
)
