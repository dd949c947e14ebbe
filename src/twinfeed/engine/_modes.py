"""The fill modes of SciPy that a kernel knows, as small numbers."""

NEAREST, CONSTANT, REFLECT, MIRROR, WRAP, GRID_WRAP = range(6)

CODES = {
    "nearest": NEAREST,
    "constant": CONSTANT,
    "reflect": REFLECT,
    "grid-mirror": REFLECT,
    "mirror": MIRROR,
    "wrap": WRAP,
    "grid-wrap": GRID_WRAP,
}
"""``fill_mode`` to number; ``grid-constant`` blends with the constant and is left to SciPy."""
