"""The families of models: what goes in, what comes out, and how their weights are kept.

- config: what every family's settings can say, by arithmetic
- base: what every family has in common
- roles: what each parameter is for, as its module declares
- depth: which part of its model a parameter belongs to, and how deep that lies
- vocabulary: rows of a model for more tokens
- taps: the named points of a forward pass
- entering: what enters a model's matrices
- parts/: what families are built from
- weights/: weights as modules
- families/: the table of families
- changes/: what may be done to a model once it is built, recorded and applied again
- build: a model with random weights
- shrinking/: a smaller model of the same family, made of a larger one's numbers
- checkpoint/: weights on disk, whole or not at all, verified when read
- remarks: settings of a model that change nothing beside its others
"""
