"""What helps to sort texts into classes, beside the model that does it.

Readable without torch, but for few_shot and guesses.

- imbalance: weights, losses and rows for rare classes
- balancing: one of these at work
- guesses: the classes that a model guesses, and their loss
- made_up/: texts of rare classes that are made up
- bag_of_words: the baseline, which counts words and knows no order
- few_shot: texts sorted by examples before them, with a model that only writes
"""
