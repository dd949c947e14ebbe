"""Public reports, rebuilt: one function per case, by section."""
