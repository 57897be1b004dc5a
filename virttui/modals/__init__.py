"""What is asked before something is done. Each takes a frozen question and returns a value.

No modal acts: it gives back what was decided, and the screen that asked does it.
"""
