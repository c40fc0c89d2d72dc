"""Every analysis of the sites of a catalogue: what sheets, cards and the fair folder say of them."""
