"""The maps of results: their words in each language, their calculations, the board of a committee."""
