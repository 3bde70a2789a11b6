"""Text in: readers, cleaning, duplicates, statistics, and a small world of our own to learn from."""
