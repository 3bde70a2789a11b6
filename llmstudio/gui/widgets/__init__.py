"""Small widgets that are given data and emit signals; none of them opens a file or a model."""
