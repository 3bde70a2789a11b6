"""Text to numbers and back: building a tokenizer, using it, looking inside it."""
