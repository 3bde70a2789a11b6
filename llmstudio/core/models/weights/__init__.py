"""Weights as modules: each multiplies, gives its numbers as a dense matrix, and counts its bytes.

- base: what a weight is: it multiplies, gives its numbers, encodes itself, counts its bytes
- dense: a matrix, and a table of tokens
- masked: what pruning has taken stays taken
- adapted: a matrix that stays as it is, and two small ones beside it that learn
- adapted_cells: the same in torch's recurrent layers
"""
