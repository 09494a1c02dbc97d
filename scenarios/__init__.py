"""What if: changes, comparison, generated companies."""
