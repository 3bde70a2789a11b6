"""What the stories of the small world are made of.

- plots: the notation of plots
- home: plots about weather, food, work and growing things
- away: plots about animals, strangers, fear and going far
- lost: plots about losing, breaking, and getting things back
"""
