"""How well a model sorts held-out texts into classes, beside counting words, and beside itself with other remedies.

- page: the figures, the classes, and the curves of one of them
- remedies_page: remedies for rare classes side by side
- table: every class with its precision, recall and F1
"""
