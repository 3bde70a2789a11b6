"""What is in a project: which item a name means, and what is done to items whatever their kind.

- locate: which item a name means
- changing: another name, or gone, in one step
"""
