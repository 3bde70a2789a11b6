"""Texts rewritten by a model that learned pairs: translated, summarised, whatever it has learned.

- sources: the texts of a file one by one, with the targets that they have
- rewriter: a model over any number of texts, side by side
- rows: a file of results, by the ending of its name
- scored: how near the results come to the targets
- compared: pairs that were held out, with what a model makes of them
- looking_back: where a model looked while it wrote
"""
