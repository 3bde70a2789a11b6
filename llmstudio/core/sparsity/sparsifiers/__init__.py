"""Sparsity that is fitted while a model trains: which weights are gone at each step, and which come back.

- base: what a sparsifier is
- table: the sparsifier of each method
- fitting: what a recipe cannot make sparse, and settings that do nothing
- gradual: the smallest go, many at first and ever fewer
- growth: sparse from the first step on
- nonzeros: the same, of which only the nonzeros are kept
- schedules: when weights go, and how many
- shares: how many of each matrix
"""
