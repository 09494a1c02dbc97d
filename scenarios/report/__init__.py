"""The report: one page of HTML about a plan, which needs no network."""
