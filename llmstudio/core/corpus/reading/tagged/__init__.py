"""Texts whose words bear tags, mostly a word a line (CoNLL and its kin): sentences with their tags out.

- layouts: which columns a file has, and which of them are the word and its tag
- sentences: the sentences of such a file, line by line
- spaces: where spaces stood between the words
- boundaries: word boundaries as tags of characters
- tagged_rows: the same in tables and JSON
- cells: sentences and their tags in single cells of a table
- marked_spans: texts whose spans of characters, or of words, bear labels
- sentences_inside: tagged sentences and words that lie inside rows of JSON
- lists: any of these four as rows with lists
- inline: lines with a tag at each word
- tagged_file: a file of them, and what is to be said of it
"""
