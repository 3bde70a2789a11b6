"""What the settings in sight will take on this computer.

- forecast: a line under the size, and a card that says more
- memory_bar: memory by kind, predicted and measured
- forecaster: the same anew at every change of the settings
"""
