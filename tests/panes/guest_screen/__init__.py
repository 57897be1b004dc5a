"""The page of a guest's screen."""
