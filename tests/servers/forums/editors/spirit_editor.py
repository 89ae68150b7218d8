"""Runs inside Spirit: one step per line of JSON, each answered with a line. Posts are written as its own views write them."""

import json
import os
import sys
from datetime import datetime

os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings.testing"
import django

django.setup()
from django.contrib.auth import get_user_model
from spirit.category.models import Category
from spirit.comment.forms import CommentForm
from spirit.comment.models import Comment
from spirit.comment.utils import comment_posted, post_comment_update, pre_comment_update
from spirit.core.conf import settings
from spirit.core.utils.markdown.utils.quote import quotify
from spirit.topic.models import Topic
from spirit.topic.private.models import TopicPrivate


def user(name):
    found, new = get_user_model().objects.get_or_create(
        username=name.lower(), defaults={"email": f"{name.encode().hex()}@example.cn"}
    )
    if new:
        found.st.nickname = name
        found.st.save()
    return found


def written(comment):
    return {"thread": comment.topic_id, "post": comment.pk, "path": comment.topic.get_absolute_url()}


def comment(topic, text, author, at):
    form = CommentForm(user=user(author), topic=topic, data={"comment": text})
    if not form.is_valid():
        raise ValueError(form.errors.as_text())
    saved = form.save()
    comment_posted(comment=saved, mentions=form.mentions)
    Comment.objects.filter(pk=saved.pk).update(date=at)
    Topic.objects.filter(pk=topic.pk).update(last_active=at)
    return written(saved)


def topic(category, title, author, at, **more):
    found = Topic.objects.create(user=user(author), category_id=category, title=title, **more)
    Topic.objects.filter(pk=found.pk).update(date=at)
    return found


def do(step):
    kind, at = step["do"], datetime.fromisoformat(step["at"]) if step.get("at") else None
    if kind == "board":
        return Category.objects.create(title=step["title"]).pk
    if kind == "thread":
        opened = topic(step["board"], step["title"], step["author"], at, is_globally_pinned=step["pinned"])
        return comment(opened, step["text"], step["author"], at)
    if kind == "private_thread":
        opened = topic(settings.ST_TOPIC_PRIVATE_CATEGORY_PK, step["title"], step["author"], at)
        TopicPrivate.objects.create(user=user(step["author"]), topic=opened)
        return comment(opened, step["text"], step["author"], at)
    if kind == "reply":
        text = step["text"]
        if step["to"]:
            answered = Comment.objects.get(pk=step["to"])
            text = f"{quotify(answered.comment, answered.user.username)}{text}"
        return comment(Topic.objects.get(pk=step["thread"]), text, step["author"], at)
    if kind == "edit":
        found = Comment.objects.get(pk=step["post"])
        pre_comment_update(comment=found)
        form = CommentForm(user=found.user, topic=found.topic, instance=found, data={"comment": step["text"]})
        if not form.is_valid():
            raise ValueError(form.errors.as_text())
        return post_comment_update(comment=form.save())
    if kind == "remove":
        return Comment.objects.filter(pk=step["post"]).update(is_removed=True)
    if kind == "remove_thread":
        return Topic.objects.filter(pk=step["thread"]).update(is_removed=True)
    raise ValueError(f"unknown step {kind}")


answers, sys.stdout = sys.stdout, sys.stderr  # whatever the product prints is no answer
for line in sys.stdin:
    print(json.dumps({"done": do(json.loads(line))}), file=answers, flush=True)
