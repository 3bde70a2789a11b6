"""What was it worth? One task, learned in several ways: with and without pretraining, or with remedies for rare classes.

- trials: which models that takes, and what each is called
- remedies: the same for remedies for rare classes
- comparing: the job that trains and measures them
- kept: what came of the last comparisons, kept beside the model
"""
