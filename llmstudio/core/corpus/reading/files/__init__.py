"""Where texts lie, and what the names of files and folders say of them.

- archives: members of zip, tar and packed files, read where they lie
- sources: files, folders and archives, file by file
- textless: which files of a folder hold no text
- folders: folders whose names are the labels of their texts
- given_parts: train, validation and test as names of files, folders or a column give them
- alike_names: names of files that differ in one piece, and what the pieces mean
- class_files: files named after classes, with a text in each line
- parallel: two files that belong together line by line: translations, sources and targets, texts and labels
"""
