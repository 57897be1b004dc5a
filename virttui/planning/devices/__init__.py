"""Devices of a domain: the fields of each form, and the XML made from them."""
