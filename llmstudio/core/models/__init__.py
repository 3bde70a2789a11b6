"""The families of models: what goes in, what comes out, and how their weights are kept."""
