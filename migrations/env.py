"""Alembic's entry: `ecs-training db upgrade` hands the engine over in the config."""

from alembic import context

from ecs_training import tables

engine = context.config.attributes["engine"]
sqlite = engine.dialect.name == "sqlite"

with engine.connect() as connection:
    if sqlite:
        # There a table is changed by making it anew, and whoever points at it must wait.
        # The pragma counts only outside a transaction.
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        render_as_batch=sqlite,
        compare_type=True,
        transactional_ddl=True,  # SQLite too: all of it, or nothing
    )
    with context.begin_transaction():
        context.run_migrations()
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
            msg = "a row would point at nothing; nothing was changed"
            raise RuntimeError(msg)
    if sqlite:
        connection.connection.cursor().execute("PRAGMA foreign_keys = ON")
