"""What may stand beside the task of a run: what the model had learned before, and a teacher that is asked along.

- around: a task that another is wrapped in
- rehearsal: what a model had learned before, learned on beside a task
- distilling: a task learned from the right answers and from a teacher's
- soft_targets: the loss by both, and its gradient
"""
