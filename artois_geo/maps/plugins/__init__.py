"""What users add to the map with folium: plugins inlined, stood in for, or read online."""
