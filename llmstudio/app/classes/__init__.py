"""Classes of texts: what a corpus offers to learn, which class is taken for which, and a whole file sorted.

- labelled: how many texts each class has, and some of them, before a model is taught
- texts: the texts of a file one by one, with the labels that they have
- examples: examples out of a corpus, for a model that was taught no classes
- back_translated: texts to learn from that two translators bring back in other words
- telling: a model that tells classes, over any number of texts
- rows: a file of results, by the ending of its name
- scored: every figure of a classifier on held-out texts
- baseline: what counting words would have told of them
- confusion: held-out texts by their true class and the one that is told
- agreed: how far the classes agree with the labels that the file has
"""
