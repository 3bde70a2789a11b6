"""How a tab is laid out: what (left), the picture, and why; and where something missing or wrong is said."""
