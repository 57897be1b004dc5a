"""The create wizard's planner: the fields of each step, and the plans of the new domains.

Everything is computed again with each key, from the form values and the facts of the host, so no
step depends on another. ``fields`` makes the fields of a step, ``plan`` the domain and its
provision plan, ``checks`` the checks before anything is created.
"""
