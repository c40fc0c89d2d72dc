"""What a map may be built from: a frame, several, or frames by name, each described or not."""
