"""Tags of words: a whole file tagged with a taught model.

- sentences: the sentences of a file one by one, with the tags that they have
- sentence_rows: those of a table or of JSON
- telling: a model that tags words, over any number of sentences
- rows: a file of results, by the ending of its name
- cleaning: a tagger as a cleaning step of an import
- watched: how held-out sentences are tagged while a model learns
- agreed: how far the tags agree with those that the file has
"""
