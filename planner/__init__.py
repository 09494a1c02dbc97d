"""How to decide: rules, compile, bound, engines, check, KPIs."""
