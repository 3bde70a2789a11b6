"""Teach: a model learns a task from labels, tags, pairs or chats, beginning with what it has read or with random weights.

- mode: teaching within the tab: begun, shown, over
- setup: which model, which text, how
- preparation: keeps the form in step with the project
- worth: what pretraining was worth, asked of a model and a text
- worth_picture: its learning curves
- lesson: what is learned: every class with its texts, and some of them
"""
