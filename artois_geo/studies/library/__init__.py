"""What comes with the library: its constants and vocabulary as tables, its fictional country."""
