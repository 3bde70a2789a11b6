"""Structured pruning: which whole units a model can spare, so that a smaller dense one is left.

Where units lie and how a model becomes smaller is `core.models.shrinking`.

- config: settings
- scores: how much a unit matters
- choice: which units stay
- pace: how fast models read and write, side by side
"""
