"""Run by Alembic for every upgrade, on the connection and in the transaction of `migrations.upgrade`."""

from alembic import context

from connector.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
