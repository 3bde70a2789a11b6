"""Folders on disk: what exists, what it was made from, and writing it whole or not at all. Knows folders, not contents."""
