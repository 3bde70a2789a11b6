"""A form made from a configuration, a row a setting."""
