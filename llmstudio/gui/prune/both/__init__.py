"""The page on which a model and one that was made of it write on from one prompt.

- page: the prompt, the two models, what they write
"""
