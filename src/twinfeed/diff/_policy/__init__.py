"""The augmentation of a black box: how its views were taken, and from which distributions."""
