"""Tasks: where items come from, one module for each source."""
