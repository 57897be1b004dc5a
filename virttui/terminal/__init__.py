"""The guest's terminal: bytes of a console in, styled rows out; bytes for keys and pastes back.

``Parser`` takes bytes from any thread and feeds them to a ``TerminalScreen`` on one thread of its
own; the screen has an ``Engine`` (``ghostty`` or ``pyte_engine``) behind one lock, and everybody
else reads rows from it. Nothing of a guest leaves but cleaned rows and the replies that a program
in the guest asked its terminal for.
"""
