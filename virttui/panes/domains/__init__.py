"""The list of domains: columns, rows, the summary line and graphs."""
