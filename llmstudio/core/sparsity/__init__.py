"""Pruning: which weights may go, by masks kept under parameter names.

- config: settings of pruning
- masks: which weights stay, by parameter name
- criteria: how much a weight matters
- pruning: from scores to an exact number of zeros
- storage: how many bytes a sparse file takes
- report: what pruning did, in numbers
- structured/: whole units that a model can spare, so that a smaller dense one is left
"""
