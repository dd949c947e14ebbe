"""How much of a feed is read where rules ask for more than its steps."""

from twinfeed.observe.budget import Budget

SAMPLE = Budget(examples=1_000, epochs=2, seconds=10.0, timing_s=0.0, keep_bytes=32 << 20)
WHOLE = Budget(examples=1 << 40, epochs=1, seconds=600.0, timing_s=0.0, keep_bytes=32 << 20)
