"""What users and their scripts rely on, held against lists that a person can review.

Each list lies in ``frozen/`` and is compared whole. A line in it is a promise: it changes only on
purpose, with a word in CHANGELOG. ``FROZEN=write pytest tests/contract`` writes the lists anew.
The tests see VirtTUI from outside; what of its inside they need is imported in ``inside.py`` alone.
"""
