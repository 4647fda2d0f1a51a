"""Generated worlds: fictional places and people, of fictional continents, taught and asked about.

A world is a function of its plan alone, the same on every machine and Python version.
"""
