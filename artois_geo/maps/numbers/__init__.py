"""Maps of a number: shades by class, circles of proportional area."""
