"""The page on which layers lose shares of their own, and one sees where zeros are.

- page: what one may do, and what is known of the layers
- told: what is said of shares by layer
- view: sliders, what they are expected to cost and do, bars, one matrix
- sliders: a slider for each layer; moving one moves the others, so that the total stays
- matrix: one matrix as a picture of its zeros, and its rows by theirs
"""
