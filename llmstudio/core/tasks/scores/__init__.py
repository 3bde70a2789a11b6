"""How well a task is done, in the figures of its field: plain functions of what is true and what was guessed. No torch.

- agreement: precision, recall and F1 of what was found
- classes: each text in one class, or in several: accuracy, F1 by class, how sure a figure is
- curves: what a threshold costs, and whether probabilities mean what they say
- thresholds: where to draw the line between classes
"""
