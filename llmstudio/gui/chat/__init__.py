"""Chat: talking to a model."""
