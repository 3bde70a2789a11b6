"""What was pretraining worth? One task, learned in three ways from more and more labels.

- trials: which models that takes, and what each is called
- comparing: the job that trains and measures them
"""
