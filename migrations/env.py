"""Run migrations on the connection handed over by data/migrate.py."""

from alembic import context

from data.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
