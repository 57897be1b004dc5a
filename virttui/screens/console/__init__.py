"""The page of a domain's console: its screen, and one open console behind it."""
