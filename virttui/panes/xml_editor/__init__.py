"""The workbench: one definition as text, what is wrong with it, and what changing it would do."""
