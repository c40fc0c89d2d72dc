"""The commands of « couches »: see, check, import, export layers and their versions."""
