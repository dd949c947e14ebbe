"""One folder per family of causes, one module per measure."""
