"""Counting instead of learning: the words of the training text, and models that only count, to compare with.

- words_seen: the words of the training text
- ngram: a model that only counts, to compare with
- kneser_ney: the best a model can do by counting
"""
