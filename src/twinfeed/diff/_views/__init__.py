"""Small grey pictures of examples, and how one is warped from another."""
