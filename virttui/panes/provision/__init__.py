"""The page on which a machine is thought up: its steps, the fields of one, the review."""
