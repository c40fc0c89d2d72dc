"""What lies under the layers of a map: towns and limits, embedded tiles."""
