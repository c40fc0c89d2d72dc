"""Names that the columns of a file have today, whatever its format or its version made of them."""
