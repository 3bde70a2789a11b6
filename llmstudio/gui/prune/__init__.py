"""Prune: weights are taken away, and what that costs is shown.

- tab: weights taken away, and what that costs
- view: curve, zeros, bytes, before and after
- sparsity_dial: how many weights go
- sparsity_plot: bits per byte against sparsity
- layer_bars: where the zeros are
- size_bars: bytes before and after
- side_by_side: a model before and after
"""
