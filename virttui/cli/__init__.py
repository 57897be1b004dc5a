"""The same engine without a screen: ``list``, ``record`` and ``metrics``. Never textual.

``gathering`` listens to a fleet, ``listing`` prints once, ``record`` writes a row a tick,
``metrics`` prints or serves OpenMetrics.
"""
