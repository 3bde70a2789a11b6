"""Train: a model is grown, held, stepped, stopped."""
