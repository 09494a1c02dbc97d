"""The one door to local files: tables, mappings, policies and plan directories."""
