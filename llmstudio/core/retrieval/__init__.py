"""Passages of a person's own files, found for a question by the words they share.

- terms: what counts as a word when texts are searched
- passages: a text cut where a reader would pause, each piece with its place
- folder_state: which files there are, and whether one of them has changed
- index: the passages, and which of them suit a question (BM25)
- building: an index out of files, told while it is made
"""
