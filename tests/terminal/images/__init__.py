"""Screenshots: decoded, read back as text, drawn in cells."""
