"""What a model does inside, shown: it is read through its taps and never changed.

- reach: how far back a prediction reaches
- recurrence: states and gates of a recurrence, token by token
"""
