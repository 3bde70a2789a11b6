"""What tells classes and tags from the vectors of a model that has read.

- class_head: classes of a text, or of each token
- phrases: filters over neighbouring tokens, the loudest answer of each
- word_vectors: one vector a word
- word_windows: what a word and those beside it say together
- spelling_table: what features of a word's spelling say of its class
- crf: which tags follow which
- sizes: how large all this is (no torch)
"""
