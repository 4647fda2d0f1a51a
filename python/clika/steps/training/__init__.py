"""What the verbs train, gather and teach are made of: worlds, models, cells and their lists."""
