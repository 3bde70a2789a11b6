"""What is chosen, named and exported: items, names.

- examples_choice: which examples stand before each text, for a model that only ever learned to write
- item_picker: which item is looked at
- name_box: a list of names, cut in the middle where room is short
- name_field: a name, and what is wrong with it
- text_and_tokenizer: which tokenizer goes with which text
- item_actions: rename and delete
- chip_choice: one of few, each a chip
- export_button: menu and dialog of an export
- marked_edit: a field with strange words underlined
"""
