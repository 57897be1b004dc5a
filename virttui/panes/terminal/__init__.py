"""A program on a terminal of the app, as lines: its rule, its state and its keys."""
