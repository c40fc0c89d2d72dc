"""What raw files hold, whatever they are wrapped in, and the layer that they become."""
