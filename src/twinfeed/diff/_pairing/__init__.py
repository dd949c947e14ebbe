"""Which rows of two traces hold the same example."""
