"""A race: several models grown by turns under one budget.

Read in this order: `board`, `turns`, `racing`, `resuming`, `yardstick`, `standings`.
"""
