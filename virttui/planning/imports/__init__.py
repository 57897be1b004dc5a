"""Imports: the fields of the form, and the plan for a machine that comes from files."""
