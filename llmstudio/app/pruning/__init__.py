"""What pruning would do to a model, looked at without saving a model.

- looks: what was measured, kept beside the model
- sweep: many looks, by several methods at several shares
- knee: up to where pruning costs little
"""
