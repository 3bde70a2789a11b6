"""Prune: weights are taken away, and what that costs is shown."""
