"""Two models against each other: tests, corrections for many of them, and what they can detect."""
