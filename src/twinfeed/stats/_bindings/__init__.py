"""The only part of the statistics that knows a compiler. Reached by name, never required."""
