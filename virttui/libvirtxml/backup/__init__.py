"""The XML of backups and checkpoints."""
