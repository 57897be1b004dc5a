"""The XML workbench: a screen, and what works beside it while somebody types."""
