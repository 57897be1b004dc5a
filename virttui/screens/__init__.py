"""The full screens: the console with its six panes, help, the first-run page, too small.

``console`` draws and lays out; ``hands`` does what keys mean on the screen, ``deeds`` what they
mean for objects, ``prompts`` what is written after ``/`` and ``:``.
"""
