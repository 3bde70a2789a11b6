"""Quantised weights: integers and scales are kept and multiplied with, a byte for each number.

- matrix: a matrix of integers as a weight of a model
"""
