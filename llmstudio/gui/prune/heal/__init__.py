"""The page on which a model that has lost weights learns on.

- page: what one may do, the loss while it learns, and how far that has brought it back
"""
