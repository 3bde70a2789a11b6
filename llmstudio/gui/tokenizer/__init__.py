"""Tokenizer: built and looked at.

- tab: a tokenizer: built and looked at
- setup: its left side: corpus, kind, size, name
- messages: what is said of builds
- view: a sentence in chips, two cuts compared
- reader: asks how a sentence is cut, shows the answers
- why: what is seen, by the kind of tokenizer
- queries: what it asks for off the window's thread
- merge_replay: merges played one by one
- vocabulary_table: the vocabulary, searched and sorted
- rank_plot: frequency against rank
"""
