"""Weights as modules: each multiplies, gives its numbers as a dense matrix, and counts its bytes.

In reading order: `dense` (a matrix, and a table of tokens).
"""
