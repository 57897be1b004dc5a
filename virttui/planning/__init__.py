"""Form values become plans: pure functions, no connection."""
