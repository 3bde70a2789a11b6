"""Tables (csv, tsv): how they are written, their header, and rows that are cut or too wide.

- rows: the cells of each row, whatever its quotes
- dialects: what stands between cells, and above the header
- headers: whether a table's first row names the columns
- column_kinds: whether the cells of a column are numbers or classes
- wide_rows: rows with a cell more than the header has names
- loose_rows: rows that commas in a text have cut
- broken_rows: rows that line breaks in a text have cut
- tables: csv and tsv, row by row
"""
