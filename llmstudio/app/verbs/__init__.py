"""The verbs, a file each, named as it is typed: the job, which takes a project and returns its events, and its `Verb`.

- verb: what a verb is: words, help, job, how its result reads
- figures: how the figures of a result are told
- options: arguments that verbs share
- table: every verb, in the order of the help
- tour: the guided journey
- import_corpus: texts in, a corpus out
- tokenizer: a tokenizer from a corpus
- train: a model from random weights, or from another's
- race: several models by turns
- resume: going on where training stopped
- rename: another name for an item
- delete: an item that is no longer wanted
- evaluate: a model measured on unseen text
- prune: the least important weights to zero
- generate: what a model writes, piece by piece
- chat: a chat, as the terminal begins it
- ask: a question answered from the texts of a folder
- classify: the texts of a file sorted into classes
- tag: the words of a file tagged, or found
- worth: what pretraining was worth for a task
- remedies: what each remedy for rare classes does
- translate: the texts of a file turned into others
- summarize: the same, as summaries
- export: a model for other programs
- list: what is in a project
- show: what an item says of itself
- doctor: what this computer can do
"""
