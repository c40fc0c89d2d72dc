"""What a study writes of its map: the page, a picture for a report, the page of a committee."""
