"""Weights as modules: each multiplies, gives its numbers as a dense matrix, encodes itself for a file and counts its bytes.

Whatever multiplies with a weight goes through its `multiply`. Recurrent cells are a library's, and keep theirs as plain
parameters.

- base: what a weight is: it multiplies, gives its numbers, encodes itself, counts its bytes
- dense: a matrix, and a table of tokens
- masked: what pruning has taken of a parameter stays taken
- sparse/: only nonzeros, multiplied by kernels of our own
- quantized/: integers and scales, multiplied by a kernel of our own
- small: a model that takes little memory to write with, by the two
- adapted: a matrix that stays as it is, and two small ones beside it that learn
- adapted_cells: the same in torch's recurrent layers
"""
