"""What is fetched or built once and kept outside of the repository."""

import fcntl
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.servers.servers import CACHE


class CannotBeHad(Exception):
    """A product, or a program that it needs, is not on this machine and can't be installed; the message says which and how."""


def made_once(name: str, ingredients: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills at the first use; other `ingredients` (versions, settings, scripts) make another folder.

    Two processes that ask at once wait for each other. A `make` that failed is started anew at the next use.

    Raises:
        CannotBeHad: a command of `make` failed.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / f"{name}-{zlib.crc32(ingredients.encode()):08x}"
    with (CACHE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / ".complete").touch()
    return folder


def virtualenv(name: str, *requirements: str) -> Path:
    """Folder of the programs of a virtual environment of its own that has `requirements`; the tests' own stays as it is."""

    def make(folder: Path) -> None:
        run(sys.executable, "-m", "venv", str(folder))
        run(str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *requirements)

    return made_once(name, f"{sys.version_info[:2]} {requirements}", make) / "bin"


def run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None, given: str = "") -> str:
    """Run a command to its end and return what it printed.

    Raises:
        CannotBeHad: it failed or does not exist; the message has the end of its error output.
    """
    try:
        done = subprocess.run(command, cwd=cwd, env=env, input=given, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise CannotBeHad(f"{command[0]} is not installed") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-1500:]
        raise CannotBeHad(f"`{' '.join(command)[:200]}` failed: {said}")
    return done.stdout


def program(name: str, package: str, *beside: Path) -> str:
    """Path of an installed program, looked for on PATH, in sbin and in `beside`.

    Raises:
        CannotBeHad: it is missing; the message names the Debian package that has it.
    """
    folders = [Path("/usr/sbin"), Path("/usr/local/sbin"), *beside]
    found = shutil.which(name) or next((str(folder / name) for folder in folders if (folder / name).exists()), None)
    if found is None:
        raise CannotBeHad(f"{name} is not installed (Debian: apt-get install --no-install-recommends {package})")
    return found
