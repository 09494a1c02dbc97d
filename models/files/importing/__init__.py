"""The steps of an import: sources, recipes, conversions, and the checks around them."""
