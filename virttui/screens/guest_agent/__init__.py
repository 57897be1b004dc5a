"""The flows of what guests are asked by their agents."""
