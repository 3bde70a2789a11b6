"""Pruning, at once or while a model trains: which weights may go, by masks kept under parameter names.

- config: settings of pruning
- methods/: which weights go, and what is done to make up for them, a file each
- patterns: where in a matrix weights go
- shares: how much of each layer goes, where layers differ
- masks: which weights stay, by parameter name
- calibration: what enters each matrix, on a text
- pruning: from scores to an exact number of zeros
- descent: one matrix on its way from whole to almost nothing
- rounding: numbers that take 16, 8 or 4 bits each in the file
- storage: how many bytes a sparse file takes
- picture: where the zeros of a matrix are
- report: what pruning did, in numbers
- sparsifiers/: weights that become zero while a model trains
- quantizing/: matrices in 8 or 4 bits, rounded so that errors make up for each other
- structured/: whole units that a model can spare, so that a smaller dense one is left
"""
