"""Pruning: which weights may go, by masks kept under parameter names.

`masks` says which parameters can be pruned, `criteria` scores their weights, `pruning` turns scores into masks of an
exact count, `storage` foretells the bytes of the file, `report` counts it all for a face to show.
"""
