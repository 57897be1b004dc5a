"""What a backup does, what its manifest says, and what is kept."""
