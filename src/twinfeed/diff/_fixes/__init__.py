"""What a user writes to change one thing, in the API of the library that built the feed."""
