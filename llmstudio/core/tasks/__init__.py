"""What a model is trained for: how text becomes rows and batches, the loss, the scores, what it can do afterwards."""
