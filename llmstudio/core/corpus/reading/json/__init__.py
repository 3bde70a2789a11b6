"""JSON, whole or a line at a time, and the shapes of it that hold rows.

- stream: a long JSON text, decoded one value at a time
- assigned: JSON behind the name that a program gives it: window.YTD.tweets.part0 = [...]
- shapes: data frames, objects by id, SQuAD, Label Studio
- parts: parts of a split inside one document: {"train": [...], "test": [...]}
- objects: the rows of one JSON object
- records: JSON, whole or a line at a time
- inner_texts: the text that several objects give: joined pieces, the best of several answers
- inner_lists: lists inside records that hold the words: segments, posts, questions, lines of a scene
"""
