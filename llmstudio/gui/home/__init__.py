"""Home: the first page, and the guided journey."""
