"""How things look and how words and numbers are written: colours, type, spacing."""
