"""What a map says of a result: its balance, the amount of each place and how it was computed."""
