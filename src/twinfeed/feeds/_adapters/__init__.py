"""One module per library; each is imported by the registry once an object of it is in hand."""
