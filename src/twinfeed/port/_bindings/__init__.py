"""What is done with LibCST: parsed code, the names in it, and what is written instead."""
