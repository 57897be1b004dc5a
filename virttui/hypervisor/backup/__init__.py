"""Backups of domains: taken by libvirt into a pool, read back, verified, restored, deleted.

A backup is complete once its manifest lies beside its volumes; what has none is no backup. So an
incremental one never follows one that failed, whatever became of the program that took it.
"""
