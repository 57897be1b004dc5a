"""The page of a guest's screen: what it shows, and keys for it."""
