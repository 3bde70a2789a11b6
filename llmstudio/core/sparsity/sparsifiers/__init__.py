"""Sparsity that is fitted while a model trains: which weights are gone at each step, and which come back.

- base: what a sparsifier is
- table: the sparsifier of each method
- fitting: what a recipe cannot make sparse, and settings that do nothing
- gradual: the smallest go, many at first and ever fewer
- growth: sparse from the first step on, as a fixed mask or one that changes
- nonzeros: the same, of which only the nonzeros are kept
- lottery: train, take away, go back, train again
- movement: those go that training moves towards zero
- proximal: all come nearer to zero, and some reach it
- schedules: when weights go, and how many
- shares: how many of each matrix
"""
