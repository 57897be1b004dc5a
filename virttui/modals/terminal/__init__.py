"""Dialogs before a program runs on a terminal."""
