"""How far a metric may vary: closed forms, draws of a posterior, linearisation, the bootstrap."""
