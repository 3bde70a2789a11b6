"""One matrix on its way from whole to almost nothing.

- page: which matrix, and its two plots
"""
