"""CCH: caches."""

from twinfeed.lint._rules.cache import (
    cache_beyond_memory,
    cache_never_whole,
    cached_order,
    inflated_cache,
    old_cache_file,
    random_before_cache,
)

RULES = (
    random_before_cache.RULE,
    cached_order.RULE,
    cache_never_whole.RULE,
    cache_beyond_memory.RULE,
    inflated_cache.RULE,
    old_cache_file.RULE,
)
