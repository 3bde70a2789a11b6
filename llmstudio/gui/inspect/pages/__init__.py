"""The pages of Inspect, each for what some models can do."""
