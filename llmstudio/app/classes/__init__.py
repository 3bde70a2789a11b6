"""Classes of texts: a whole file sorted with a taught model.

- texts: the texts of a file one by one, with the labels that they have
- telling: a model that tells classes, over any number of texts
- rows: a file of results, by the ending of its name
- agreed: how far the classes agree with the labels that the file has
"""
