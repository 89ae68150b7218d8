"""Spirit, a real forum on Django, in a virtual environment of its own: installed once, then a fresh database for each use."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from socket import socket
from typing import Any, Self

from tests.servers.servers import CACHE

VERSION = "0.14.3"
SETTINGS = """
from project.settings.base import *
DEBUG = False
SECRET_KEY = "only for a test on this machine"
ALLOWED_HOSTS = ["127.0.0.1"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(BASE_DIR) + "/forum.db", "OPTIONS": {"timeout": 20}}}
CACHES = {name: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"} for name in ("default", "st_rate_limit")}
STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATICFILES_STORAGE = STORAGES["staticfiles"]["BACKEND"]
ST_SITE_URL = "http://127.0.0.1/"
"""
SCRIPT = """
import json, os, sys
from datetime import datetime
os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings.testing"
import django
django.setup()
from django.contrib.auth import get_user_model
from django.db.models import F
from spirit.category.models import Category
from spirit.comment.models import Comment
from spirit.topic.models import Topic

def when(text):
    return datetime.fromisoformat(text)

def user(name):
    found, new = get_user_model().objects.get_or_create(username=name, defaults={"email": f"{abs(hash(name))}@example.cn"})
    if new:
        found.st.nickname = name
        found.st.save()
    return found

def do(step):
    kind = step["do"]
    if kind == "category":
        return Category.objects.create(title=step["title"]).pk
    if kind == "topic":
        topic = Topic.objects.create(user=user(step["author"]), category_id=step["category"], title=step["title"],
                                     is_globally_pinned=step.get("pinned", False))
        Topic.objects.filter(pk=topic.pk).update(date=when(step["at"]), last_active=when(step["at"]))
        return topic.pk
    if kind == "comment":
        comment = Comment.objects.create(user=user(step["author"]), topic_id=step["topic"], comment=step["text"],
                                         comment_html=step.get("html") or f"<p>{step['text']}</p>")
        Comment.objects.filter(pk=comment.pk).update(date=when(step["at"]))
        Topic.objects.filter(pk=step["topic"]).update(comment_count=F("comment_count") + 1, last_active=when(step["at"]))
        return comment.pk
    if kind == "edit":
        return Comment.objects.filter(pk=step["comment"]).update(
            comment=step["text"], comment_html=f"<p>{step['text']}</p>", is_modified=True, modified_count=F("modified_count") + 1)
    if kind == "remove":
        return Comment.objects.filter(pk=step["comment"]).update(is_removed=True)
    if kind == "remove_topic":
        return Topic.objects.filter(pk=step["topic"]).update(is_removed=True)
    raise SystemExit(f"unknown step {kind}")

from django.db import transaction
with transaction.atomic():
    print(json.dumps([do(step) for step in json.load(sys.stdin)]))
"""


class Spirit:
    """A running forum. `change` takes steps (category, topic, comment, edit, remove, remove_topic) and returns their ids."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "spirit"
        python = _installed()
        self._python = str(python)
        self._environment = os.environ | {
            "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "DJANGO_SETTINGS_MODULE": "project.settings.testing",
        }  # fmt: skip
        self._folder.mkdir(parents=True)
        self._run(str(python.parent / "spirit"), "startproject", "project", "--path", str(self._folder))
        (self._folder / "project/settings/testing.py").write_text(SETTINGS, encoding="utf-8")
        (self._folder / "change.py").write_text(SCRIPT, encoding="utf-8")
        for command in (["migrate", "--no-input"], ["createcachetable"], ["collectstatic", "--no-input"]):
            self._run(self._python, "manage.py", *command)
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._server = subprocess.Popen(
            [self._python, "manage.py", "runserver", "--noreload", "--insecure", f"127.0.0.1:{port}"], cwd=self._folder,
            env=self._environment, stdout=subprocess.DEVNULL, stderr=(self._folder / "server.log").open("wb"),
        )  # fmt: skip
        self._wait()

    def change(self, *steps: dict[str, Any]) -> list[int]:
        answer = self._run(self._python, "change.py", given=json.dumps(steps))
        return json.loads(answer.splitlines()[-1])

    def stop(self) -> None:
        self._server.kill()
        self._server.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, *command: str, given: str = "") -> str:
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, input=given, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
        return done.stdout

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(self.url, timeout=5).read()
            except (urllib.error.URLError, ConnectionError) as error:
                if time.monotonic() > deadline or self._server.poll() is not None:
                    raise RuntimeError(
                        f"Spirit does not answer: {error}; {(self._folder / 'server.log').read_text()[-2000:]}"
                    ) from error
                time.sleep(0.2)
            else:
                return


def _installed() -> Path:
    """Python of the environment that has Spirit; made at the first use."""
    home = CACHE / f"spirit-{VERSION}"
    python = home / "bin/python"
    if not (home / "whole").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", f"django-spirit=={VERSION}"], check=True)
        (home / "whole").touch()
    return python
