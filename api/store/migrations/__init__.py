"""The steps of the schema, run by Alembic from `api.store.migrate`."""
