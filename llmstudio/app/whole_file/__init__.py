"""A whole file through a model, text by text: what the verbs that take a file share, each with a task of its own.

- given: the one file there is, opened and looked at
- into: the results, told one by one or into a new file
- standard_input: what comes in instead of a file
"""
