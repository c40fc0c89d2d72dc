"""Outlines for a screen: simplified together, written in few bytes."""
