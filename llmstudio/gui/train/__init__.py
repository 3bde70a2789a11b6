"""Train: a model is grown, held, stepped, stopped.

- tab: a model: grown, held, stepped, stopped
- setup: its left side: text, size, settings
- advice: what is said of the tokenizer that is chosen
- preparation: keeps the form in step with the project and with this computer
- start: what the next run begins with: random weights, or those of a model that learns on
- messages: what a run says in passing, with its ways out as buttons
- why: what is seen while a model learns
- rows/: rows of the text as they are learned, before a run
- forecast/: what the settings in sight will take here
- fields/: fields that the settings of several modes have
- run/: the run in sight: which it is, what is done with it, how it is shown
- modes/: other ways to train than one run at a time, a folder each
"""
