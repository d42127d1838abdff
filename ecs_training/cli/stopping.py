"""A command that stops says why in one line."""

from typing import IO, Any

import click


class Stopped(click.ClickException):
    """Said in one line, like every other error of the command; exit 1."""

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's
        click.echo(f"ecs-training: {self.message}", err=True)
