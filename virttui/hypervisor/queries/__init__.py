"""The queries of the screens to a host, and the functions that answer them."""
