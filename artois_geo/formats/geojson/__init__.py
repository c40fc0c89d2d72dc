"""Read and write GeoJSON: nothing lost, no link followed."""
