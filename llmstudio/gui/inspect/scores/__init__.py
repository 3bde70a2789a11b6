"""How well a model sorts held-out texts into classes, beside counting words.

- page: the figures, the classes, and the curves of one of them
- table: every class with its precision, recall and F1
"""
