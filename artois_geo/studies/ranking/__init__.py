"""Studies of priority: which site first, and how far that can be trusted.

``requests`` holds what a planner asks for; it imports nothing heavy, as the command line reads it first.
"""
