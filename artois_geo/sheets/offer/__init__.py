"""What an investor reads: cards of the offers, the front page of visitors, the rows of a sheet."""
