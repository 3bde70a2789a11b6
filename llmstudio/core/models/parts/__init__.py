"""Parts that families are built from.

- norms: what keeps signals at one scale
- dropout: signals silenced while learning
- positions: how a token learns where it stands
- attention: who looks at whom, and the cache of keys and values
- feed_forward: two layers at each position
- convolution: each position mixed with its neighbours
- phrase_sizes: how large what heads read with is
- phrases: filters over neighbouring tokens, the loudest answer of each
- class_head: classes of a text, or of each token
- word_windows: what a word and those beside it say together
- word_vectors: one vector a word
- initial: random weights to begin with
- cells: torch's recurrent layers, and what their parameters are for
- crf: which tags follow which
- spelling_table: what features of a word's spelling say of its class
- through_time: GRU and RNN on a processor, both passes our own
- step_by_step: recurrent layers one token at a time, every gate in the open, or a part of the state forgotten
"""
