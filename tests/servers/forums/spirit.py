"""Spirit, a forum on Django: in a virtual environment of its own, on SQLite."""

import shutil
from pathlib import Path
from typing import Final

from tests.servers.forums.cache import made_once, run, virtualenv
from tests.servers.forums.gate import Gate
from tests.servers.forums.running import Process, Running, run_together
from tests.servers.servers import free_port

VERSION: Final = "0.14.3"
EDITOR: Final = Path(__file__).parent / "editors/spirit_editor.py"
SETTINGS: Final = """
from project.settings.base import *
DEBUG = False
SECRET_KEY = "only for a test on this machine"
ALLOWED_HOSTS = ["127.0.0.1"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(BASE_DIR) + "/forum.db", "OPTIONS": {"timeout": 20}}}
CACHES = {name: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"} for name in ("default", "st_rate_limit")}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATICFILES_STORAGE = STORAGES["staticfiles"]["BACKEND"]
ST_SITE_URL = "http://127.0.0.1/"
"""


def start(folder: Path, gate: Gate) -> Running:
    """An empty forum."""
    programs = virtualenv("spirit", f"django-spirit=={VERSION}")
    site = folder / "spirit"
    shutil.copytree(_empty_site(programs), site)
    port = free_port()
    gate.lead_to(port)
    python, env = str(programs / "python"), {"DJANGO_SETTINGS_MODULE": "project.settings.testing"}
    serve = [python, "manage.py", "runserver", "--noreload", "--insecure", f"127.0.0.1:{port}"]
    server = Process(site, serve, f"http://127.0.0.1:{port}/", env)
    return run_together(gate.url, site, [server], [python, str(EDITOR)], {**env, "PYTHONPATH": str(site)})


def _empty_site(programs: Path) -> Path:
    """A forum with its tables, as every start copies it."""

    def make(folder: Path) -> None:
        env = {"PATH": f"{programs}:/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "project.settings.testing"}
        run(str(programs / "spirit"), "startproject", "project", "--path", str(folder), env=env)
        (folder / "project/settings/testing.py").write_text(SETTINGS, encoding="utf-8")
        for command in (["migrate", "--no-input"], ["createcachetable"], ["collectstatic", "--no-input"]):
            run(str(programs / "python"), "manage.py", *command, cwd=folder, env=env)

    return made_once("spirit-site", f"{VERSION} {SETTINGS}", make)
