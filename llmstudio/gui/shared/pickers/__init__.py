"""What is chosen, named and exported: items, names, files."""
