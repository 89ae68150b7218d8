"""Commands of the console: the stage itself, accounts and tokens."""

import signal
import socket
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from humiao.account import Role
from humiao.cli.options import ConfigOption, DataOption

if TYPE_CHECKING:
    import uvicorn

    from humiao.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
GRACE = 3
"""Seconds that running requests get when the console is told to stop."""


def register(app: typer.Typer) -> None:
    """Add ``console``, ``users`` and the demo's hidden helper."""
    app.command("console")(console)
    app.command("demo-accounts", hidden=True)(demo_accounts)
    users = typer.Typer(help="Accounts and API tokens. Example: humiao users add wang --role patrol", no_args_is_help=True)
    users.command("add")(add)
    users.command("list")(list_users)
    users.command("token")(token)
    app.add_typer(users, name="users")


def console(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 = any free one.", show_default="8000")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the web pages and the HTTP API until stopped. Example: humiao console --port 8000"""
    from alerting.console.app import create_app
    from humiao import logs
    from humiao.settings import load
    from humiao.store import open_store

    settings = load(config, data=data)
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update={"console": settings.console.model_copy(update=changes)})
    logs.configure(settings, "console")
    listener = _listen(settings)
    with open_store(settings) as store:
        _serve(create_app(settings, store), listener, settings)


def _listen(settings: "Settings") -> socket.socket:
    from humiao.errors import SettingsError

    host, port = settings.console.host, settings.console.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        raise SettingsError(
            f"console: can't listen on {host}:{port} ({error.strerror}); choose another --port or --host"
        ) from error
    return listener


def _serve(app: object, listener: socket.socket, settings: "Settings") -> None:
    """Run the server on `listener`; say where once it listens; SIGTERM and Ctrl-C stop it within GRACE seconds and a little."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(
            app,  # type: ignore[arg-type]
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
            limit_concurrency=200,
        )
    )
    host = settings.console.host
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    announcer = threading.Thread(target=_announce, args=(server, address), daemon=True)
    announcer.start()
    # uvicorn raises the signal again after it has stopped; ended as asked is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listener])


def _announce(server: "uvicorn.Server", address: str) -> None:
    pause = threading.Event()
    while not server.started:
        if server.should_exit:
            return
        pause.wait(0.02)
    print(f"console {address}", flush=True)


def add(
    name: Annotated[str, typer.Argument(help="Letters, digits and . @ - _")],
    role: Annotated[Role, typer.Option("--role", help="What the account may do.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Add an account, or give an existing one a new password and role. Example: humiao users add wang --role patrol"""
    import secrets

    from alerting.console.accounts import new_account
    from humiao.settings import load
    from humiao.store import open_store

    settings = load(config, data=data)
    if role is Role.PARTNER and not password_stdin:
        password = secrets.token_urlsafe(24)  # partners never sign in; a token is what they need
    elif password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with open_store(settings) as store:
        known = store.account(name)
        store.put_account(new_account(name, role, password, datetime.now(UTC)))
    print(f"{'changed' if known else 'added'} {name} ({role.value})")


def list_users(data: DataOption = None, config: ConfigOption = None) -> None:
    """List accounts. Example: humiao users list"""
    from humiao.settings import load
    from humiao.store import open_store

    with open_store(load(config, data=data)) as store:
        for account in store.accounts():
            state = "disabled" if account.disabled else "active"
            print(f"{account.name}\t{account.role.value}\t{state}\t{account.created_at:%Y-%m-%d}")


def token(
    name: Annotated[str, typer.Argument(help="Account that the token stands for.")],
    days: Annotated[int, typer.Option("--days", help="Days until it ends.")] = 90,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Print an API token for an account (partners: to push posts). Example: humiao users token school-hotline --days 30"""
    from alerting.console.keys import signing_key
    from alerting.console.tokens import Tokens
    from humiao.errors import NotFound
    from humiao.settings import load
    from humiao.store import open_store

    settings = load(config, data=data)
    with open_store(settings) as store:
        account = store.account(name)
    if account is None:
        raise NotFound(f"account {name}: there is none with this name; see humiao users list")
    print(Tokens(signing_key(settings.data / "keys")).issue(account, days, datetime.now(UTC)))


def demo_accounts(data: DataOption = None, config: ConfigOption = None) -> None:
    """Make the demo's sample accounts and print each as a JSON line; only where the console listens on loopback."""
    import json

    from alerting.console.accounts import ensure_demo_accounts
    from humiao.errors import SettingsError
    from humiao.settings import load
    from humiao.store import open_store

    settings = load(config, data=data)
    if settings.console.host not in LOOPBACK:
        raise SettingsError(f"console.host: is {settings.console.host}; sample accounts with known passwords are for loopback only")
    with open_store(settings) as store:
        for name, role, password in ensure_demo_accounts(store, datetime.now(UTC)):
            print(json.dumps({"name": name, "role": role.value, "password": password}))
