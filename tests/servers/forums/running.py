"""A running site as tests see it: an address, and hands inside that write, edit and remove posts."""

import contextlib
import json
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from tests.servers.servers import Server


@dataclass(frozen=True)
class Written:
    """A post as the software itself knows it: native ids, and the path under which guests read its thread."""

    thread: str
    post: str
    path: str


class Process(Server):
    """A server of a site: `ready` is an address that it answers (below status 500) once it serves."""

    def __init__(self, folder: Path, command: list[str], ready: str, env: dict[str, str] | None = None) -> None:
        super().__init__(folder)
        self._command = ["env", *(f"{key}={value}" for key, value in (env or {}).items()), *command]
        self._ready = ready

    def command(self) -> list[str]:
        return self._command

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(self._ready, timeout=20).read()
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False
        return True


class Editor:
    """A process inside the product that does one step per line of JSON on its standard input and answers each with a line."""

    def __init__(self, command: list[str], folder: Path, env: dict[str, str] | None = None) -> None:
        self._log = folder / "editor.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["env", *(f"{key}={value}" for key, value in (env or {}).items()), *command],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )

    def do(self, step: str, **what: Any) -> Any:
        """The product's answer to a step.

        Raises:
            RuntimeError: it refused, or ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        with contextlib.suppress(BrokenPipeError):  # its log says why it ended
            self._process.stdin.write(json.dumps({"do": step, **what}) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line.startswith('{"done":'):
            raise RuntimeError(f"step {step} failed: {line}{self._log.read_text(errors='replace')[-2000:]}")
        return json.loads(line)["done"]

    def stop(self) -> None:
        """End of input ends it."""
        if self._process.poll() is None:
            assert self._process.stdin
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class Running:
    """A site that serves guests until `stop`; changes are on its pages when a call returns. `at` has an offset."""

    def __init__(self, url: str, editor: Editor, servers: list[Server]) -> None:
        self.url = url
        self.editor = editor
        self._servers = servers

    def board(self, title: str) -> str:
        """Open a board (category) and return its native id."""
        return str(self.editor.do("board", title=title))

    def thread(self, board: str, title: str, text: str, author: str, at: datetime, *, pinned: bool = False) -> Written:
        """Open a thread; `text` is its first post."""
        return self._written("thread", board=board, title=title, text=text, author=author, at=at.isoformat(), pinned=pinned)

    def private_thread(self, board: str, title: str, text: str, author: str, at: datetime) -> Written:
        """Open a thread that guests may not read, in the product's own way."""
        return self._written("private_thread", board=board, title=title, text=text, author=author, at=at.isoformat())

    def reply(self, thread: Written, text: str, author: str, at: datetime, *, to: Written | None = None) -> Written:
        """Answer in a thread; `to` is quoted or answered directly, as the product does it."""
        answered = to.post if to else None
        return self._written("reply", thread=thread.thread, text=text, author=author, at=at.isoformat(), to=answered)

    def edit(self, post: Written, text: str, at: datetime) -> None:
        """Change a post as its author would, with the traces that the product leaves."""
        self.editor.do("edit", post=post.post, text=text, at=at.isoformat())

    def remove(self, post: Written) -> None:
        """Take a reply away from guests as a moderator would."""
        self.editor.do("remove", post=post.post)

    def remove_thread(self, thread: Written) -> None:
        """Take a whole thread away from guests."""
        self.editor.do("remove_thread", thread=thread.thread)

    def processes(self) -> list[int]:
        """Ids of its running servers."""
        return [server.process.pid for server in self._servers if server.process]

    def stop(self) -> None:
        """End it; its folder stays."""
        self.editor.stop()
        for server in reversed(self._servers):
            server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _written(self, step: str, **what: Any) -> Written:
        return Written(**{key: str(value) for key, value in self.editor.do(step, **what).items()})


def run_together(url: str, folder: Path, servers: list[Server], editor: list[str], env: dict[str, str] | None = None) -> Running:
    """Start the servers in order, then the editor; when one does not come up, those before it end."""
    with contextlib.ExitStack() as started:
        for server in servers:
            started.enter_context(server)
        running = Running(url, Editor(editor, folder, env), servers)
        started.pop_all()
    return running
