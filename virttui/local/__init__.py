"""This computer: files, paths, child processes and HTTP."""
