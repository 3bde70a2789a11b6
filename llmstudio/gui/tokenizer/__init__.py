"""Tokenizer: built and looked at."""
