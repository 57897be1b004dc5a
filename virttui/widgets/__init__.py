"""The few widgets of the console, all drawn line by line from ``panes``."""
