"""Read-only views of what a study left behind."""
