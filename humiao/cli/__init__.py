"""The command line. Stages bring their own commands through the entry-point group ``humiao.commands``."""

import os
import sys
from importlib.metadata import entry_points
from typing import Annotated, Final

import typer
from rich.console import Console

import humiao
from humiao.cli import demo, history, operate
from humiao.errors import HumiaoError

EXTRA_OF: Final = {"gensim": "train", "scipy": "train", "sklearn": "train", "snownlp": "train"}
"""Module -> the extra of this package that brings it; only some commands need one."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"humiao {humiao.__version__}")
        raise typer.Exit


def build() -> typer.Typer:
    """The whole command tree: the core commands and those of every installed stage."""
    app = typer.Typer(
        name="humiao",
        help="护苗: find, warn of and deal with online content that harms minors. Example: humiao demo",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root(
        version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
    ) -> None:
        """护苗: find, warn of and deal with online content that harms minors."""

    for module in (demo, operate, history):
        module.register(app)
    for point in sorted(entry_points(group="humiao.commands"), key=lambda point: point.name):
        point.load()(app)
    return app


def main() -> None:
    """Run the command line; what a person caused ends in one line on stderr and exit code 2."""
    try:
        code = build()(standalone_mode=False)
    except HumiaoError as error:
        _fail(str(error))
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message())
            sys.exit(0)
        hint = f" (see {context.command_path} --help)" if context else ""
        _fail(f"{error.format_message()}{hint}")
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in EXTRA_OF:
            raise
        _fail(f"this command needs {module}, which is not installed: pip install 'humiao[{EXTRA_OF[module]}]'")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"humiao: {' '.join(message.split())}", markup=False)
    sys.exit(2)
