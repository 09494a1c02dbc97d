"""The parts of a synthetic company, each drawn from its own seeded random stream."""
