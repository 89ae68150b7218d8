"""GoToSocial 0.16, a server with Mastodon's interface. It is compiled from its Go module, which takes minutes, so only on request::

    python -m tests.servers.forums.gotosocial

Version 0.16.0 is the newest that the Go module proxy serves; one of its dependencies is raised to a version that today's Go links.
"""

import http.cookiejar
import json
import shutil
import urllib.parse
import urllib.request
import zlib
from pathlib import Path
from typing import Any, Final

from tests.servers.forums.cache import CannotBeHad, made_once, program, run
from tests.servers.forums.gate import Gate
from tests.servers.forums.running import Process, Running
from tests.servers.servers import CACHE, free_port

MODULE: Final = "github.com/superseriousbusiness/gotosocial"
VERSION: Final = "v0.16.0"
SUM: Final = "h1:7YeJ1h4wDn/6pRfGKtv+pZF3eajs4g/fZBm2M4OJ1jA="
"""Of the module, as the checksum database no longer has it; those of its dependencies stand in its own go.sum."""
RAISED: Final = ("codeberg.org/gruf/go-bytesize", "v1.0.4")
TAGS: Final = "netgo osusergo kvformat timetzdata"
PASSWORD: Final = "only-for-a-test-1-Correct-Horse"
OOB: Final = "urn:ietf:wg:oauth:2.0:oob"


class Author:
    """An account with a token, which it gets as an app does: by a page where its owner agrees."""

    def __init__(self, url: str, email: str) -> None:
        self._url = url
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self._token = ""
        app = self.send("/api/v1/apps", client_name="test", redirect_uris=OOB, scopes="read write")
        client = {"client_id": app["client_id"], "redirect_uri": OOB, "scope": "read write"}
        self._browser.open(f"{url}/oauth/authorize?{urllib.parse.urlencode({**client, 'response_type': 'code'})}")
        self._posted("/auth/sign_in", username=email, password=PASSWORD)
        agreed = self._posted("/oauth/authorize")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(agreed.url).query)["code"][0]
        secret = {"client_secret": app["client_secret"], "grant_type": "authorization_code", "code": code}
        self._token = self.send("/oauth/token", **client, **secret)["access_token"]

    def send(self, path: str, **facts: str) -> Any:
        """The JSON answer to a POST."""
        return json.load(self._posted(path, **facts))

    def delete(self, path: str) -> None:
        request = urllib.request.Request(f"{self._url}{path}", method="DELETE", headers=self._headers)
        urllib.request.urlopen(request).read()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _posted(self, path: str, **facts: str) -> Any:
        data = urllib.parse.urlencode(facts).encode()
        return self._browser.open(urllib.request.Request(f"{self._url}{path}", data=data, headers=self._headers))


class Server(Running):
    """A running instance; `author` makes accounts."""

    def __init__(self, gate: Gate, process: Process, command: list[str], env: dict[str, str]) -> None:
        super().__init__(gate.url, None, [process])
        self._inner = f"http://127.0.0.1:{env['GTS_PORT']}"
        self._command, self._env = command, env

    def author(self, name: str) -> Author:
        """A new account."""
        account = ["--username", name, "--email", f"{name}@example.cn", "--password", PASSWORD]
        pairs = [f"{key}={value}" for key, value in self._env.items()]
        run("env", *pairs, *self._command, "admin", "account", "create", *account)
        return Author(self._inner, f"{name}@example.cn")

    def stop(self) -> None:
        for server in self._servers:
            server.stop()


def start(folder: Path, gate: Gate) -> Server:
    """An empty instance whose public timeline guests may read.

    Raises:
        CannotBeHad: it was not built.
    """
    made = _folder()
    if not (made / ".complete").exists():
        raise CannotBeHad("GoToSocial is not built; python -m tests.servers.forums.gotosocial does it in some minutes")
    port = free_port()
    gate.lead_to(port)
    env = {
        "GTS_HOST": gate.url.removeprefix("http://"), "GTS_PROTOCOL": "http", "GTS_BIND_ADDRESS": "127.0.0.1", "GTS_PORT": str(port),
        "GTS_DB_TYPE": "sqlite", "GTS_DB_ADDRESS": str(folder / "sqlite.db"), "GTS_STORAGE_LOCAL_BASE_PATH": str(folder / "storage"),
        "GTS_WEB_TEMPLATE_BASE_DIR": str(made / "source/web/template"), "GTS_WEB_ASSET_BASE_DIR": str(made / "source/web/assets"),
        "GTS_INSTANCE_EXPOSE_PUBLIC_TIMELINE": "true", "GTS_ADVANCED_RATE_LIMIT_REQUESTS": "0",
    }  # fmt: skip
    command = [str(made / "gotosocial")]
    process = Process(folder, [*command, "server", "start"], f"http://127.0.0.1:{port}/api/v1/instance", env)
    process.start()
    return Server(gate, process, command, env)


def _ingredients() -> str:
    return f"{VERSION} {RAISED} {TAGS}"


def _folder() -> Path:
    """Where it is, or would be, built."""
    return CACHE / f"gotosocial-{zlib.crc32(_ingredients().encode()):08x}"


def build() -> Path:
    """Compile it; the folder."""

    def make(folder: Path) -> None:
        go = program("go", "golang-go")
        env = {"GONOSUMDB": f"{MODULE},codeberg.org/gruf", "GOFLAGS": "-mod=mod"}
        whole = ["env", *(f"{key}={value}" for key, value in env.items()), go]
        got = json.loads(run(*whole, "mod", "download", "-json", f"{MODULE}@{VERSION}", cwd=folder))
        if got["Sum"] != SUM:
            raise CannotBeHad(f"{MODULE} {VERSION} is not what it was: {got['Sum']}")
        source = folder / "source"
        shutil.copytree(got["Dir"], source)
        run("chmod", "-R", "u+w", str(source))
        run(*whole, "get", "@".join(RAISED), cwd=source)
        linker = "-ldflags=-checklinkname=0"
        run(*whole, "build", linker, "-tags", TAGS, "-o", str(folder / "gotosocial"), "./cmd/gotosocial", cwd=source)

    return made_once("gotosocial", _ingredients(), make)


if __name__ == "__main__":
    build()
