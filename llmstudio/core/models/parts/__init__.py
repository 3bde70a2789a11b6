"""Parts that families are built from.

In reading order: `norms`, `dropout`, `positions`, `attention`, `feed_forward`, `convolution`, `initial` (the random weights
of these), `through_time` (recurrent layers on a processor).
"""
