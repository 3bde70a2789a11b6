"""Weights as modules: each multiplies, gives its numbers as a dense matrix, and counts its bytes.

In reading order: `base` (what a weight is), `dense` (a matrix, and a table of tokens), `masked` (what pruning has taken).
"""
