"""What screens share: the protocol of a screen, text pages, the copy menu."""
