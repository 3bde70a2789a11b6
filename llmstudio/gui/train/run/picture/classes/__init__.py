"""The picture of a run that learns classes: how often it is right, and which class it takes for which.

- classes_picture: the whole of it
- looks_plot: accuracy and macro-F1 over the looks
- matrix: classes by classes, a cell to press
"""
