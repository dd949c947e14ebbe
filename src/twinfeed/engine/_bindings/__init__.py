"""Numba, simplejpeg and Pillow. Imported by name, where they are needed and installed."""
