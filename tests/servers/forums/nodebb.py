"""NodeBB 1.4, the one version in npm's registry, on a Redis of its own. Its plug-ins that fetch pictures at the start are switched off."""

import json
import shutil
from pathlib import Path
from typing import Final

from tests.servers.forums.cache import CannotBeHad, made_once, program, run
from tests.servers.forums.gate import Gate
from tests.servers.forums.running import Process, Running, run_together
from tests.servers.servers import Server, free_port

VERSION: Final = "1.4.0"
REDIS_CLIENT: Final = "2.6.5"
EDITOR: Final = Path(__file__).parent / "editors/nodebb_editor.js"
FETCHING: Final = ("nodebb-plugin-emoji-one", "nodebb-plugin-emoji-extended", "nodebb-plugin-soundpack-default")
LIMITS: Final = {"postDelay": 0, "newbiePostDelay": 0, "initialPostDelay": 0, "minimumPostLength": 1, "minimumTitleLength": 1}
"""So that a town can be written at once."""
ADMIN: Final = {"admin:username": "admin", "admin:password": "only-for-a-test-1", "admin:password:confirm": "only-for-a-test-1",
                "admin:email": "admin@example.cn"}  # fmt: skip


class Redis(Process):
    """Keeps its data as ``dump.rdb`` in its folder when it is stopped."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(folder),
            "--save",
            "3600",
            "1",
            "--appendonly",
            "no",
        ]
        super().__init__(folder, [program("redis-server", "redis-server"), *options], "")

    def answers(self) -> bool:
        try:
            return self.tell("ping") == "PONG"
        except CannotBeHad:
            return False

    def tell(self, *command: str) -> str:
        """Redis's answer to a command."""
        return run(program("redis-cli", "redis-tools"), "-p", str(self.port), *command).strip()


def start(folder: Path, gate: Gate) -> Running:
    """A forum with its own categories and welcome topic taken away."""
    made = _installed()
    data = folder / "redis"
    shutil.copytree(made / "data", data)
    redis, port = Redis(data), free_port()
    gate.lead_to(port)
    config = folder / "config.json"
    config.write_text(json.dumps(_config(port, redis.port)), encoding="utf-8")
    node = program("node", "nodejs")
    server = Process(made / "site", [node, "app", f"--config={config}"], f"http://127.0.0.1:{port}/api/recent")
    server.log = folder / "server.log"
    servers: list[Server] = [redis, server]
    return run_together(gate.url, folder, servers, [node, str(EDITOR), str(made / "site"), str(config)])


def _config(port: int, redis: int) -> dict[str, object]:
    return {
        "url": f"http://127.0.0.1:{port}", "port": str(port), "bind_address": "127.0.0.1", "secret": "only for a test on this machine",
        "database": "redis", "redis": {"host": "127.0.0.1", "port": str(redis), "password": "", "database": "0"},
    }  # fmt: skip


def _installed() -> Path:
    """`site`: the program with its modules and built assets; `data`: the database after its setup."""
    node, npm = program("node", "nodejs"), program("npm", "npm")
    program("redis-server", "redis-server")

    def make(folder: Path) -> None:
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
        run(npm, "install", *options, f"nodebb@{VERSION}", f"redis@{REDIS_CLIENT}")
        site = folder / "site"
        shutil.copytree(folder / "node_modules/nodebb", site)
        (site / "node_modules").symlink_to(folder / "node_modules")
        for name in ("sounds", "files", "category", "profile", "system"):
            (site / "public/uploads" / name).mkdir(parents=True, exist_ok=True)
        (folder / "data").mkdir()
        with Redis(folder / "data") as redis:
            config = _config(4567, redis.port)
            given = {"url": "http://127.0.0.1:4567", "secret": "x", "database": "redis", **ADMIN}
            given |= {f"redis:{key}": value for key, value in config["redis"].items()}  # type: ignore[attr-defined]
            run(node, "app", f"--setup={json.dumps(given)}", cwd=site)
            redis.tell("zrem", "plugins:active", *FETCHING)
            redis.tell("hset", "config", *(str(part) for pair in LIMITS.items() for part in pair))
            run(node, "-e", _EMPTIED, str(site), cwd=site)
            (site / "config.json").unlink()

    return made_once("nodebb", f"{VERSION} {REDIS_CLIENT} {LIMITS} {_EMPTIED} {ADMIN}", make)


_EMPTIED: Final = """
const path = require('path');
const home = process.argv[1];
const nconf = require('nconf');
nconf.file({file: path.join(home, 'config.json')});
nconf.defaults({base_dir: home, themes_path: path.join(home, 'node_modules'), upload_path: '/public/uploads', relative_path: ''});
const db = require(path.join(home, 'src/database'));
db.init((failed) => {
  if (failed) { throw failed; }
  require(path.join(home, 'src/topics')).purgePostsAndTopic(1, 1, (error) => {
    if (error) { throw error; }
    process.exit(0);
  });
});
"""
"""The welcome topic is no part of the town."""
