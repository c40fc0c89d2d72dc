"""Studies of land: what is on offer, what constraints leave of it, what each costs, what can be densified.

``requests`` holds what a planner asks for; it imports nothing heavy, as the command line reads it first.
"""
