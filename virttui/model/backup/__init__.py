"""The frozen vocabulary of backups."""
