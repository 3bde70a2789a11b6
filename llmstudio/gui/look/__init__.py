"""How things look and how words and numbers are written: colours, type, spacing.

- theme: colour, type, spacing, icons
- colors: the two schemes, light and dark
- style: palette and style sheet from the theme
- scaled: what is laid out anew when type changes
- label: words shown as they are written: nothing is read as markup by accident
- still_label: room for a text that changes often
- plural: counts with their nouns
- figures: numbers for people
- fitting: texts in little room: what tells them apart is left
- whole_lines: a field for reading that never cuts a line in half
- steady: fields that a wheel turns only where the keyboard is
"""
