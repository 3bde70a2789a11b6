"""Text in: files, archives and samples become cleaned, split records in shards on disk.

- config: settings: reading, cleaning, splitting
- records: what a record is: a text, a pair, a label, tagged words, turns
- taken: what of a file was taken, left unread and guessed, for the note and the facts
- reading/: from a source to records
- cleaning/: cleaning steps, repeated documents, languages
- splitting/: what is learned from, watched, and kept for the end
- statistics: a corpus in figures, counted while it is written
- shards: records on disk in numbered files
- building: each document cleaned, checked, counted, and written or dropped
- tag_notes: what there is to say of tagged sentences
- withheld: the first note of what is left out, told unless an error says the same
- corpus: writes a corpus in one stream, reads it record by record
- more: a corpus with more texts to learn from than another one
- own_test: a test file of one's own
- import_log: what is said while a corpus is imported
- kept: how many of the documents read were kept, and why not all
- samples/: a small world in two languages, written by a grammar of our own
"""
