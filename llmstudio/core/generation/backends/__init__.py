"""Ways to get the next token of one text out of a model: each says whether it can run a model, and all say the same tokens.

In reading order: `base` (what a backend is), `plain` (the model itself), `numpy_decoder` (the decoder on a processor),
`speculative` (the likely next tokens read along), `table` (all of them, and which is taken).
"""
