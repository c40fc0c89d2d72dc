"""The layers themselves: findings, published totals, what a partner may get."""
