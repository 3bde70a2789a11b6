"""From a source to records: what it is, how its bytes spell letters, which format it has, what is what in a row.

- encodings/: how bytes spell letters
- files/: files, folders, archives, and what their names say
- formats/: running text, alone or inside another format
- json/: JSON in all its shapes
- tables/: csv and tsv, row by row
- columns/: which column holds what
- tagged/: words with tags, a word a line
- chats/: conversations as programs save them
- first_rows: a look at the first rows of a stream, which loses none
- placed_rows: rows that know the line they begin in
- field_marks: the same marks inside the texts of a column
- page_marks: signs of web pages inside the texts of a table
- row_checks: answers marked as bad, texts that are none
- label_spelling: one class, one spelling
- label_checks: labels that mean "no label", several at once, numbers and names that are no classes
- contents: what a file holds, whatever its name says
- row_formats: which rows each format has
- backstop: a reader that fails on one foreign record leaves out that record, and says so
- meter: how far reading has come
- file_reader: one file from bytes to records
- readers: which format is read with what, and a preview of it
- matching_columns: columns of another file that hold the same under other names
- other_kinds: files of another kind, left for an import of their own
"""
