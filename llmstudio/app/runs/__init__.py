"""A run: how it begins, goes on, is watched, ends and is told of.

- made_up: texts of rare classes that are made up before the first step
- parent_text: the text that a run's parent had learned from, where it is rehearsed or watched
- teacher: who is asked along in each step of a run
- starting: a new run that begins with a model's weights
- new_tokens: words and signs of a text that a model's tokenizer gets before it learns on
- vectors: word vectors that a new model begins with
- going_on: going on with another rate or more steps, and what is said where there is nothing left to do
- training: a model is trained: its item before the first step, its steps, its end
- resuming: going on with a run that was stopped or cut off
- watching: a run looks after its own folder
- outlook: whether a stopped run was still getting better
- at_work: which models this program trains now, and which have learned anything
- run_summary: how a run stands, said once for all who show it
- readings: what a model's weights have read, in its own run and in those behind it
- weighted: whether training and validation loss are different measures
- whole_figures: what was measured on all of the text after a run
"""
