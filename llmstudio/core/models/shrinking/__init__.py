"""A smaller model of the same family, made of a larger one's numbers: whole units are taken away, none is masked.

The smaller model computes what the larger one does with these units' numbers at zero; its family's own settings say its
shape, so whatever takes a model takes it.

- shapes: which units a family has, how many may stay, and the shape that follows, by arithmetic
- units: where the numbers of a unit lie
- transformer: those of the Transformers
- recurrent: those of RNN, LSTM and GRU
- vae: those of the text VAE
- shrink: the smaller model
"""
