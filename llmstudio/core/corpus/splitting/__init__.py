"""What is learned from, what is watched, and what is kept for the end.

- beginnings: what rows of several columns begin with, for the split
- dealing: documents dealt out by what they begin with, class by class
- split: what is learned from, watched, and kept for the end
- by_position: reading a corpus that is cut into training and validation
- scripts: a warning where what is held out is in another script than what is learned
- unknown_names: labels and tags that the test has alone
- split_notes: where a split misses what was asked for, and why
"""
