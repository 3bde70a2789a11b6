"""Quantising: a model's matrices in 8 or 4 bits, so that errors of rounding cost as little as can be.

- config: settings of quantising
- matrix: one matrix, rounded so that errors make up for each other on what enters it
- model: a whole model, matrix by matrix
"""
