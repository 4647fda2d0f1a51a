"""The backends, each a module that is imported when it is asked for."""
