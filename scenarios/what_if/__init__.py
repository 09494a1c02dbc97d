"""What if: named changes to a company and its policy, solved beside each other."""
