"""Other ways to train than one run at a time, a folder each.

- race/: a race: several runs side by side, in turns
"""
