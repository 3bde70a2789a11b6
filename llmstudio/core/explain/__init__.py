"""What a model does inside, shown: it is read through its taps and never changed.

- reach: how far back a prediction reaches
- cross_attention: where a model looked in its source while it wrote
- recurrence: states and gates of a recurrence, token by token
"""
