"""Writing a target after reading its source.

- task: rows, loss, scores, and the answer to a text
- rows: where sources and targets lie, and batches of them
- score: how well targets are foretold, and how near to them what is written comes
"""
