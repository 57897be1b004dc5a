"""What this user has written and replaced: kept definitions and unfinished edits, in files.

Everything here touches the disk: callers use a thread of their own, never the fleet's or the
screen's.
"""
