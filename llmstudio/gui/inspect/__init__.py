"""Inspect: play with models, and look inside."""
