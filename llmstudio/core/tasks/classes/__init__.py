"""What helps to sort texts into classes, beside the model that does it. Readable without torch.

- imbalance: weights, losses and rows for rare classes
- balancing: one of these at work
- bag_of_words: the baseline, which counts words and knows no order
"""
