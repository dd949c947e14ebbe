"""The only place of the replay that imports an image library."""
