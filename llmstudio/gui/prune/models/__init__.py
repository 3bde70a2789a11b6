"""The page with all models of a project in one picture.

- page: which can be compared, by what, and what is known of the one that is chosen
- models_plot: a point for each, and the line of those that none is better than in both
"""
