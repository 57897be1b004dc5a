"""What the page of a domain's backups shows."""
