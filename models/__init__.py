"""What things are: tables, policies, problems, outcomes and plans, without any solver."""
