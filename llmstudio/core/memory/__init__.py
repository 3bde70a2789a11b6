"""Where the bytes go: predicted by arithmetic, measured from the process.

- breakdown: bytes by part of the model and by kind
- learning: which parts of a model have gradients, and which keep what passes
- sparse: what a run spares that keeps nonzeros alone
- estimate: predicted by arithmetic
- measure: measured from the process
"""
