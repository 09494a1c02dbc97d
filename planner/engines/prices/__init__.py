"""`prices`: any size, by the prices that let every row decide alone."""
