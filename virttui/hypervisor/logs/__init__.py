"""Logs of domains: files of their host, read from the end and followed while somebody looks."""
