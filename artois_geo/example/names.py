"""What the fictional territory is called, and the day that its records bear."""

NAME = "Pays d'Exemple"
DAY = "2026-01-15"
