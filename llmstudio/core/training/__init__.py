"""From random weights to a model: a job that takes steps and says what it sees."""
