"""Home: the first page, and the guided journey.

- tab: the first page
- tour: the guided journey as the window shows it
- journey_strip: the journey as stations on a line
- tour_card: what Home offers first
- growth_picture: what growing a model looks like
- drop_area: where files may be dropped
- recent: projects that were open before
- computer_sheet: what this computer is and how fast
- computer_probe: measures it, when asked or idle
"""
