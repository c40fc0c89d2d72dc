"""Greenways and green corridors of a planner, from layers and constants: what holds, what is missing.

``requests`` holds what a planner asks; one module answers each command of ``trame``.
"""
