"""WordPress as Debian packages it, on PHP's own web server and a MariaDB of its own (private folder and socket, no port)."""

import hashlib
import shutil
from pathlib import Path
from typing import Final

from tests.servers.forums.cache import CannotBeHad, made_once, program, run
from tests.servers.forums.gate import Gate
from tests.servers.forums.running import Process, Running, run_together
from tests.servers.servers import Server, free_port

PACKAGE: Final = Path("/usr/share/wordpress")
EDITORS: Final = Path(__file__).parent / "editors"
CONFIG: Final = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('WP_SOCKET'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', getenv('WP_URL'));
define('WP_SITEURL', getenv('WP_URL'));
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', 'only for a test on this machine');
    define($name . '_SALT', 'only for a test on this machine');
}
$table_prefix = 'wp_';
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
PLUGIN: Final = """<?php
if (get_option('interface_closed')) {
    add_filter('rest_authentication_errors', fn () => new WP_Error('rest_not_logged_in', 'Only for members', ['status' => 401]));
}
"""
ROUTER: Final = """<?php
$file = getenv('WP_FOLDER') . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (is_file($file)) { return false; }
require getenv('WP_FOLDER') . '/index.php';
"""
INSTALL: Final = """<?php
define('WP_INSTALLING', true);
require getenv('WP_FOLDER') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('坂田小学', 'admin', 'admin@example.cn', true, '', wp_generate_password());
update_option('timezone_string', 'Asia/Shanghai');
update_option('permalink_structure', '/%postname%/');
wp_delete_comment(1, true);
wp_delete_post(1, true);
wp_delete_post(2, true);
flush_rewrite_rules(false);
"""


class MariaDB(Process):
    """`socket` is all that it listens on."""

    def __init__(self, folder: Path, data: Path) -> None:
        # the path of a socket may have 107 characters, and test folders are deep
        self.socket = Path("/tmp") / f"mariadb-{hashlib.sha256(str(data).encode()).hexdigest()[:16]}.sock"
        options = ["--no-defaults", f"--datadir={data}", f"--socket={self.socket}", "--skip-networking", "--skip-grant-tables",
                   "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M",
                   "--user=root", f"--pid-file={folder / 'mariadb.pid'}"]  # fmt: skip
        super().__init__(folder, [program("mariadbd", "mariadb-server"), *options], "")

    def answers(self) -> bool:
        try:
            run(program("mariadb-admin", "mariadb-client"), "--no-defaults", f"--socket={self.socket}", "ping")
        except CannotBeHad:
            return False
        return True


def start(folder: Path, gate: Gate) -> Running:
    """An empty site with rewritten addresses."""
    made = _installed()
    data = folder / "data"
    shutil.copytree(made / "data", data)
    port = free_port()
    gate.lead_to(port)
    database = MariaDB(folder / "database", data)
    env = _environment(made, database.socket, gate.url)
    serve = [program("php", "php-cli"), "-S", f"127.0.0.1:{port}", "-t", str(made / "site"), str(made / "router.php")]
    server = Process(folder / "site", serve, f"http://127.0.0.1:{port}/", {**env, "PHP_CLI_SERVER_WORKERS": "2"})
    servers: list[Server] = [database, server]
    return run_together(gate.url, folder, servers, [program("php", "php-cli"), str(EDITORS / "wordpress_editor.php")], env)


def _environment(made: Path, socket: Path, url: str) -> dict[str, str]:
    return {"WP_FOLDER": str(made / "site"), "WP_SOCKET": str(socket), "WP_URL": url}


def _installed() -> Path:
    """`site`: the program with a configuration that reads the environment; `data`: the database of an empty site."""
    if not (PACKAGE / "wp-load.php").exists():
        raise CannotBeHad("WordPress is not installed (Debian: apt-get install --no-install-recommends wordpress)")
    php, install_db = program("php", "php-cli"), program("mariadb-install-db", "mariadb-server")
    version = (PACKAGE / "wp-includes/version.php").read_text(encoding="utf-8")

    def make(folder: Path) -> None:
        shutil.copytree(PACKAGE, folder / "site", ignore=shutil.ignore_patterns("languages", "wp-config.php"))
        (folder / "site/wp-config.php").write_text(CONFIG, encoding="utf-8")
        (folder / "site/wp-content/mu-plugins").mkdir()
        (folder / "site/wp-content/mu-plugins/closed.php").write_text(PLUGIN, encoding="utf-8")
        for name, text in (("router", ROUTER), ("install", INSTALL)):
            (folder / f"{name}.php").write_text(text, encoding="utf-8")
        run(
            install_db,
            "--no-defaults",
            f"--datadir={folder / 'data'}",
            "--user=root",
            "--skip-test-db",
            "--innodb-log-file-size=8M",
        )
        with MariaDB(folder / "making", folder / "data") as database:
            client = program("mariadb", "mariadb-client")
            run(client, "--no-defaults", f"--socket={database.socket}", "-e", "CREATE DATABASE wordpress CHARACTER SET utf8mb4")
            env = _environment(folder, database.socket, "http://127.0.0.1")
            run("env", *(f"{key}={value}" for key, value in env.items()), php, str(folder / "install.php"))

    return made_once("wordpress", f"{version} {CONFIG} {PLUGIN} {ROUTER} {INSTALL}", make)
