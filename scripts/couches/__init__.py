"""How each shipped layer is made from the facts; run by ``scripts/faire_couches.py``."""
