"""The page of a guest's screen, as styled text around the screen itself."""
