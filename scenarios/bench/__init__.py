"""Benchmarks: how good and how fast engines are, on problems of any size and on known hard ones."""
