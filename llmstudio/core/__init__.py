"""The engine: everything that works without a window. Nothing below imports Qt.

- words: text for people, kept as a template with values
- errors: the one error raised on purpose: what happened, what to do
- shortage: too little memory, however it is said, in one sentence
- typed: whether a value from a file has the type the code relies on
- typed_ways: ways on that are typed in a terminal
- other_names: what other programs call a setting
- settings: a fact about a setting, written once on its field
- events: what a job may say while it runs
- work: asking work to stop, and a child process for what cannot be asked
- standstill: whether a child process still works, or has come to a stand
- awake: a clock that stands while the computer sleeps or the program is held
- corpus/: text in, cleaned and split records out
- tokenizer/: text to numbers and back
- dataset/: a corpus as tokens
- batch: what goes into a model and what comes out
- models/: the families of models
- generation/: models that speak
- optimizers/: the table of optimizers
- training_config: settings of training
- teaching_config: which weights of a model learn on, and how fast
- tasks/: what a model is trained for
- recipe: everything that decides how a model is grown
- memory/: where the bytes go
- training/: from random weights to a model
- sparsity/: pruning
- explain/: what a model does inside, shown
- interop/: other programs' formats
"""
