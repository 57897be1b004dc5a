"""The app as its users have it: a real process on a pseudo terminal, driven by keys.

child.py        the process and everything it writes
terminal.py     what that looks like; typing, waiting
test_*.py       what must hold from the first key to the exit status
"""
