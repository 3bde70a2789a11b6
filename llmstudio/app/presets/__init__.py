"""Recipes by name: every family in sizes from a few seconds to a night on a laptop, and some for a purpose.

- preset: a recipe that has a name
- sizes: every family from nano to large
- purposes: the tour, a play by characters, the examples of textbooks
- classifiers: for telling classes
- by_name: all that there are, and the one that a name means
"""
