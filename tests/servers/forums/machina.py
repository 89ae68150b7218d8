"""django-machina, a forum that no family knows: read by the selectors of a source file alone."""

import shutil
from pathlib import Path
from typing import Final

from tests.servers.forums.cache import made_once, run, virtualenv
from tests.servers.forums.gate import Gate
from tests.servers.forums.running import Process, Running, run_together
from tests.servers.servers import free_port

REQUIREMENTS: Final = ("django-machina==1.3.1", "Django==4.2.*", "setuptools<81")
EDITOR: Final = Path(__file__).parent / "editors/machina_editor.py"
SETTINGS: Final = """
import machina
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = "only for a test on this machine"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "site_urls"
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles",
    "mptt", "haystack", "widget_tweaks", "machina", "machina.apps.forum", "machina.apps.forum_conversation",
    "machina.apps.forum_conversation.forum_attachments", "machina.apps.forum_conversation.forum_polls", "machina.apps.forum_feeds",
    "machina.apps.forum_moderation", "machina.apps.forum_search", "machina.apps.forum_tracking", "machina.apps.forum_member",
    "machina.apps.forum_permission",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
    "machina.apps.forum_permission.middleware.ForumPermissionMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [machina.MACHINA_MAIN_TEMPLATE_DIR],
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages", "machina.core.context_processors.metadata",
        ],
        "loaders": ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
    },
}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "forum.db", "OPTIONS": {"timeout": 20}}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
          "machina_attachments": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
STATIC_URL = "/static/"
STATICFILES_DIRS = [machina.MACHINA_MAIN_STATIC_DIR]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
MACHINA_MARKUP_LANGUAGE = None
"""
URLS: Final = """
from django.urls import include, path
from machina import urls as forum
urlpatterns = [path("", include(forum))]
"""


def start(folder: Path, gate: Gate) -> Running:
    """An empty forum that guests may read."""
    programs = virtualenv("machina", *REQUIREMENTS)
    site = folder / "machina"
    shutil.copytree(_empty_site(programs), site)
    port = free_port()
    gate.lead_to(port)
    python, env = str(programs / "python"), {"DJANGO_SETTINGS_MODULE": "site_settings", "PYTHONPATH": str(site)}
    serve = [python, "-m", "django", "runserver", "--noreload", "--insecure", f"127.0.0.1:{port}"]
    server = Process(site, serve, f"http://127.0.0.1:{port}/", env)
    return run_together(gate.url, site, [server], [python, str(EDITOR)], env)


def _empty_site(programs: Path) -> Path:
    """A forum with its tables, as every start copies it."""

    def make(folder: Path) -> None:
        (folder / "site_settings.py").write_text(SETTINGS, encoding="utf-8")
        (folder / "site_urls.py").write_text(URLS, encoding="utf-8")
        env = {"PATH": f"{programs}:/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "site_settings", "PYTHONPATH": str(folder)}
        run(str(programs / "python"), "-m", "django", "migrate", "--no-input", cwd=folder, env=env)

    return made_once("machina-site", f"{REQUIREMENTS} {SETTINGS} {URLS}", make)
