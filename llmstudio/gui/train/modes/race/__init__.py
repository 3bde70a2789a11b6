"""A race: several runs side by side, in turns."""
