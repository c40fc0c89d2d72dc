"""The commands « canal », « foncier », « trame » and « zae »."""
