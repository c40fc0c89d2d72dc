"""Studies of the ZAN accounts: consumption, budgets, projects, soil, report.

Each module has one study per command; ``requests`` holds what a reader may ask of them.
"""
