"""What is in a project: which item a name means, and what is done to items whatever their kind.

Read in this order: `locate`, `changing`.
"""
