"""What planning would have done in the past, week after week, with what was known then."""
