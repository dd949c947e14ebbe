"""The rules, one folder per family; the numbers of a family's rules are 1xx, its measures' 2xx."""
