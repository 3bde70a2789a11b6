"""Ways to get the next token of one text out of a model: each says whether it can run a model, and all say the same tokens.

- base: what a backend is: it says what comes next, and reads one token more
- plain: the model itself, whatever family it is of
- numpy_decoder: the decoder in numpy, as fast as the processor allows
- speculative: what will probably be repeated, read along and checked
- sparse: the same for models most of whose weights are zero, with sparse products
- table: all of them, the fastest first
"""
