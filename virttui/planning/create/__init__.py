"""A machine thought up step by step: the fields of each step, and the recipe they come to.

Everything is made anew with each key, from what was given so far and what is known of the host:
no step has to know of another. ``fields`` are the fields, ``plan`` the machine and its recipe,
``checks`` what is looked at before anything is made.
"""
