"""Records for other programs: flat mappings, and CSV, JSON lines, OpenMetrics.

``fields`` makes records of the model, following their fields; ``write`` spells them.
"""
