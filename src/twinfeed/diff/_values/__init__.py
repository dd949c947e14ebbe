"""How the values of the same examples relate: ranges, lines, presets, channels."""
