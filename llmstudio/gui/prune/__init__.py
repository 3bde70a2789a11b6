"""Prune: weights are taken away, and what that costs is shown.

- tab: weights taken away, and what that costs
- setup: its left side: which model, how much of it, how, and the name of what is saved
- effects: what a setting does: counted, and measured if it was
- view: curve, zeros, bytes, before and after
- sparsity_dial: how many weights go
- sparsity_plot: bits per byte against sparsity
- layer_bars: where the zeros are
- size_bars: bytes before and after
- side_by_side: a model before and after
"""
