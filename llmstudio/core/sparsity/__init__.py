"""Pruning: which weights may go, by masks kept under parameter names."""
