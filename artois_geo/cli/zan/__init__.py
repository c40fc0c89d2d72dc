"""The commands of « zan »."""
