"""The window's self-test."""
