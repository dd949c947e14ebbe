"""In which form labels come, and how those of the same examples relate."""
