"""Pure numpy: accumulators that merge exactly, intervals and tests. Knows no feeds."""
