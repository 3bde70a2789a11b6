"""A form made from a configuration, a row a setting.

- form: a form made from a configuration
- fold: the lesser settings, folded until they are asked for
- form_row: one setting of a form
- editors: one editor for each kind of setting
- number_boxes: spin boxes that say when they clamp
- number_note: a line below such boxes that says what they changed
- edits: edits that fit are taken, the others wait with their reason
- file_dialog: the questions for files and folders
- drops: files may be let go on a text field too
- remedy_buttons: ways out of a fault, as buttons
"""
