"""XML as text: tokens, spans, targeted edits, diff and merge. Pure, standard library only.

Everything here works on text that is being typed, so nothing asks it to be well-formed, and
whatever is not named by an edit stays as it was, byte for byte.
"""
