"""Quantised weights: integers and scales are kept and multiplied with, a byte for each number.

- matrix: a matrix of integers as a weight of a model
- small: a model whose matrices lie so in memory, where that is worth it
"""
