"""Sparse weights: only nonzeros are kept, computed with and counted.

- layout: values, 16-bit columns and where rows begin; from a dense matrix and back
- matrix: a sparse matrix as a weight of a model
- learned: one that learns: values are its parameter, and gradients and moments are theirs alone
- standing_in: such ones in the place of a model's dense ones
- cells: recurrent cells with sparse matrices
- twin: a model's twin that computes with sparse matrices
- products: products with one vector or many, shared by threads; dense where a number is infinite or none
- crossover: whether sparse or dense is faster here, measured once and kept
- building: the kernels, built when first needed, and why there are none where there are none
- kernels: the kernels themselves, which numba turns into machine code
- machine_code: what of them no Python spells
"""
