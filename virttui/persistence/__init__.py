"""Files of the state folder: saved definitions, drafts, templates, views and journals.

Everything here reads or writes files: callers use a thread of their own, never the fleet's or the
screen's.
"""
