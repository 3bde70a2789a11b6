"""A corpus as tokens on disk, memory-mapped, and the batches that are cut from them."""
