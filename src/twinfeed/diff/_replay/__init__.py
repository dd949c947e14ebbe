"""From source files to pictures by named ways: which decoder, rule and kernel each feed used."""
