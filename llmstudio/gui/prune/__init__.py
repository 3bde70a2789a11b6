"""Prune: a model loses what it can spare, and what that costs is shown.

- tab: the model at the left, the page in front at the right
- pages/: what its pages share
- zeros/: the page on which single weights become zero
- smaller/: the page on which whole units go
- matrix/: the page on which one matrix loses them
"""
