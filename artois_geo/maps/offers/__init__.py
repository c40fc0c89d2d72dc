"""What the page shows of an offer first: its groups, cards and pins."""
