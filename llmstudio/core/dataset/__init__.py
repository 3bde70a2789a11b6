"""A corpus as tokens on disk, memory-mapped, and the batches that are cut from them.

- config: how records become rows
- encoding: documents become rows of ids
- writing: rows into growing files
- tokens: the files, mapped into memory
- batches: batches as a pure function of the step
- packing: several short documents in one row
- sentences: sentences out of rows of any length
- streams: text read on from batch to batch, for models that carry a state
"""
