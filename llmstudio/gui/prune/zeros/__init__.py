"""The page on which single weights become zero.

- page: what one may do, and what became of it
- setup: its left side: how much of a model, how, and the name of what is saved
- effects: what a setting does: counted, and measured if it was
- view: curve, zeros, bytes, before and after
- sparsity_plot: bits per byte against sparsity
- layer_bars: where the zeros are
- size_bars: bytes before and after
"""
