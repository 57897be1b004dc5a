"""Guests' screens: pictures of them, keys for them, their displays."""
