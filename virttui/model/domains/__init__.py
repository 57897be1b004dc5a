"""A domain in full: its details, devices, settings, jobs and history."""
