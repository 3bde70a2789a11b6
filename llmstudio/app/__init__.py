"""Use cases: what both faces, terminal and window, ask for. No Qt; torch only inside functions.

- verbs/: the verbs, a file each, named as it is typed
- items/: what is in a project
- presets/: recipes by name
- runs/: a run: how it begins, goes on and is told of
- computer/: what this computer is, and what a recipe takes of it
- pruning/: what pruning would do to a model, looked at without saving one
- worth/: what pretraining was worth: one task, learned in three ways
- race/: several models grown by turns
- whole_file/: what the verbs share that take a file through a model, text by text
- rewriting/: texts rewritten by a model of pairs, a whole file of them
- classes/: classes of texts: a whole file sorted, and what is taken for what
- tags/: tags of words: a whole file tagged
- folder_questions/: questions answered from a person's own files
- inspecting/: what the pages of Inspect ask, a file a page
- job_runner: how a job is pulled: exactly one end
- learned_rows: some rows of a text as a run would learn them
- chatting: what a conversation needs beside the answers
- preferences: a person's tastes
- help_texts: texts that explain more than a hint can
"""
