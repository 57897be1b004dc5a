"""Machines that come from elsewhere: what descriptions mean, and what a host makes of them."""
