"""Several domains at once: a tile for each, its heading, and the page around them."""
