"""Word vectors that others have learned, or that are counted from a text, as what the embedding of a new model begins with.

- lines: a file of vectors, one word a line, read as a stream
- whole_words: which tokens of a vocabulary are whole words
- reading: the vectors of a vocabulary's words out of a file, as a job
- counting: vectors of all tokens, from what stands beside them in a corpus
- kept: those that were found, kept in the model's folder
"""
