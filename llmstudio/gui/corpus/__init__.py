"""Corpus: text is chosen, cleaned, imported and looked at."""
