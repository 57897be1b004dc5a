"""New networks and pools made from a form: the fields of each, and the XML."""
