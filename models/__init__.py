"""What things are: tables, policies, problems, outcomes and plans, without any solver."""

__version__ = "0.1.0"
