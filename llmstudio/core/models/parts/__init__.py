"""Parts that families are built from.

- norms: what keeps signals at one scale
- dropout: signals silenced while learning
- positions: how a token learns where it stands
- attention: who looks at whom, and the cache of keys and values
- feed_forward: two layers at each position
- convolution: each position mixed with its neighbours
- heads/: what tells classes and tags
- initial: random weights to begin with
- cells: torch's recurrent layers, and what their parameters are for
- through_time: GRU and RNN on a processor, both passes our own
- step_by_step: recurrent layers one token at a time, every gate in the open, or a part of the state forgotten
"""
