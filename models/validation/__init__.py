"""From tables as they were found to a snapshot, with every fault on the way."""
