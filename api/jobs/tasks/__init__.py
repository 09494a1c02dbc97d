"""What runs do, in a process of their own: each function takes directories and plain values.

None of them knows the database.
"""
