"""Specifications of new domains: their defaults, their XML, and equivalent commands."""
