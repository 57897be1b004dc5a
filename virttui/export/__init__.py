"""Records for other programs: flat mappings, and CSV, JSON lines, OpenMetrics.

``fields`` makes records of the model, following its dataclasses; ``write`` spells them.
"""
