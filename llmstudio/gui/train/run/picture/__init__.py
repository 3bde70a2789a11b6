"""The picture of a run, from top to bottom.

- run_picture: the whole of it
- numbers: how good, how fast, how long still
- big_number: one number that matters
- loss_plot: the learning curve
- lower: what stands under it, chosen by a chip
- memory_plot: memory over a run, stacked
- differences: what runs differ in
- unlike: which runs' losses do not compare, and why
- sample_view: what the model writes as it learns
- tags_picture: where tags are learned: a held-out sentence as it is tagged, and how well each tag is found
- classes/: where classes are learned: how often it is right, and which is taken for which
"""
