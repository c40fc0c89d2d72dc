"""Published totals beside what the layers hold, and what the layers claim of themselves."""
