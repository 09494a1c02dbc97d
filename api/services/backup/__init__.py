"""Backups: one file with all rows of a database of either kind, which restores into either kind.

Written within one transaction that only reads, so it tells one moment, whatever is written
meanwhile. A hash of each table's rows, whatever their order, proves that what was restored is what
was saved.
"""
