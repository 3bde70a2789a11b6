"""Folders on disk: what exists, what it was made from, and writing it whole or not at all. Knows folders, not contents.

- places: where what can be made again is kept
- files: writing whole or not at all, and manifests
- turns: one at a time between reading a file and writing it anew
- sweeping: what killed programs leave behind goes, and what they put aside comes back
- reading: what is read back: regular, bounded, of the right types
- item_files: what an item says of itself on disk, each fact in one place
- project: what a project holds and what it was made from
- lineage: what an item was made from, and the steps by which a model came to be
- cards: what a corpus, a tokenizer, a dataset say of themselves, typed
- model_card: what a model says of itself, typed
- resources: finds icons and themes in every kind of installation
"""
