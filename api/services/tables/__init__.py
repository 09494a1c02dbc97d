"""Tables that are kept as Parquet files, read a group of rows at a time."""
