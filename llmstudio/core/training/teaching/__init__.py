"""How a model is taught, beside its text.

- weights: which weights of another model learn, from when on, and how fast
- teacher: a model whose guesses are learned beside the right answers
"""
