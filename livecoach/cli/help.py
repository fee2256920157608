"""How commands are found and explained: modules are imported when a command runs, and --help shows what most need."""

from collections.abc import Collection, Iterable, Mapping
from importlib import import_module
from typing import Any

import click


class Later(click.Command):
    """Stands for a command whose module is imported when it runs, not when it is listed."""

    def __init__(self, name: str, module: str, help: str) -> None:
        """module: in `livecoach.cli`. help: its line in the list of commands."""
        super().__init__(name, help=help)
        self._module = module

    @property
    def command(self) -> click.Command:
        found = getattr(import_module(f"livecoach.cli.{self._module}"), str(self.name))
        assert isinstance(found, click.Command)
        return found

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        return self.command.make_context(info_name, args, parent, **extra)


class Group(click.Group):
    """A group that lists its commands in the order of use, and knows where others went."""

    def __init__(
        self, *args: Any, later: Iterable[Later] = (), moved: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        """later: commands, besides those that are added. moved: name of an earlier version → what to say instead."""
        super().__init__(*args, **kwargs)
        self.commands.update({str(one.name): one for one in later})
        self._moved = moved or {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click's
        """The names in the order in which they were added, those of other modules last."""
        return sorted(self.commands, key=lambda name: isinstance(self.commands[name], Later))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names. Raises click.UsageError."""
        if args[0] in self._moved and not ctx.resilient_parsing:
            raise click.UsageError(f"livecoach {args[0]} {self._moved[args[0]]}")
        return super().resolve_command(ctx, args)


class Command(click.Command):
    """A command of many options, whose --help shows the common ones; --help-all shows all."""

    def __init__(self, *args: Any, common: Collection[str], **kwargs: Any) -> None:
        """common: the names of these options, as the function has them."""
        super().__init__(*args, **kwargs)
        self._common = common
        self.params.append(
            click.Option(
                ["--help-all"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=self._show_all,
                help="Show all options and exit.",
            )
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line for each option that is shown."""
        everything = ctx.params.get("help_all", False)
        options = [one for one in self.get_params(ctx) if everything or one.is_eager or one.name in self._common]
        with formatter.section("Options"):
            formatter.write_dl([record for one in options if (record := one.get_help_record(ctx)) is not None])

    def _show_all(self, ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            ctx.params["help_all"] = True
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()
