"""Prune: a model loses what it can spare, and what that costs is shown.

- tab: the model at the left, the page in front at the right
- pages/: what its pages share
- zeros/: the page on which single weights become zero
- layers/: shares by layer, what each layer costs, and one matrix as a picture
- smaller/: the page on which whole units go
- heal/: the page on which a model that has lost weights learns on
- matrix/: the page on which one matrix loses them
- both/: the page on which two models go on from one prompt
- models/: the page with all models in one picture
"""
