"""How well a task is done, in the figures of its field: plain functions of what is true and what was guessed. No torch.

- agreement: precision, recall and F1 of what was found
- classes: each text in one class, or in several: accuracy, F1 by class, how sure a figure is
- curves: what a threshold costs, and whether probabilities mean what they say
- classified: all of these of one set of texts
- thresholds: where to draw the line between classes
- spans: names in a text, words in a row of characters, from their tags
- texts: how near translations come to their references, by sacrebleu
- overlap: words that summaries and answers share with what was asked for
- written: all of these for what a model wrote
"""
