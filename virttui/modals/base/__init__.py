"""Dialogs that no subject owns: the base classes, questions, pickers, forms."""
