r"""What is what in a row: which column holds the text, which a label, which a question and its answer.

- names: names of columns that mean something
- numbers: what a number is in a cell
- prose: how much people's prose a column holds
- cells: the first rows seen by columns: prose, classes, blanks
- marks: columns of roles, types and numbers, which are no text
- choices: answers told by the number of a choice
- one_hot: labels spread over columns that are yes or no
- spelled_lists: lists as programs print them, ['...', '...'], in cells
- spelled_breaks: line breaks that are spelled out, \n, in cells
- spelled_bytes: bytes as Python prints them, b'...', in cells
- triples: questions, all they need, and their answers; pairs and twins
- histories: questions and answers with what was said before them
- preferred: two answers and a column that says which is better
- columns: which column or key holds the text
"""
