"""`asynclint completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click

from asynclint.cli.options import CONTEXT
from asynclint.cli.status import Status

VARIABLE = "_ASYNCLINT_COMPLETE"
_WHERE = {
    "bash": 'eval "$(asynclint completion bash)"  # in ~/.bashrc',
    "zsh": 'eval "$(asynclint completion zsh)"  # in ~/.zshrc',
    "fish": "asynclint completion fish | source  # in ~/.config/fish/config.fish",
}


@click.command(context_settings=CONTEXT, epilog="  ".join(_WHERE.values()))
@click.argument("shell", type=click.Choice(list(_WHERE)))
def command(shell: str) -> int:
    """Write the completion script of a shell."""
    from click.shell_completion import get_completion_class

    from asynclint.cli.group import cli

    found = get_completion_class(shell)
    assert found is not None
    click.echo(f"# {_WHERE[shell]}\n{found(cli, {}, 'asynclint', VARIABLE).source()}")
    return Status.CLEAN


def answer(instruction: str) -> int:
    """Answers a shell's question, which it asks through an environment variable; the exit status."""
    from click.shell_completion import shell_complete

    from asynclint.cli.group import cli

    return shell_complete(cli, {}, "asynclint", VARIABLE, instruction)
