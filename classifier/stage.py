"""The classify stage: takes posts from the topic ``posts``, puts them with their verdicts into ``scored``."""

from collections.abc import Sequence

from classifier.judge import Judge
from humiao import metrics
from humiao.log import POSTS, SCORED, Log, Message, Record
from humiao.post import Post
from humiao.stage import Stage
from humiao.verdict import Scored


def classify_stage(log: Log, judge: Judge, batch: int) -> Stage:
    """The stage, ready to run; a message that is no post raises BadInput and so goes to the dead letters."""

    def handle(messages: Sequence[Message]) -> None:
        posts = [Post.from_json(message.value) for message in messages]
        verdicts = judge.verdicts(posts)
        scored = [Scored(post=post, verdict=verdict) for post, verdict in zip(posts, verdicts, strict=True)]
        log.publish(SCORED, [Record(one.post.id, one.to_json()) for one in scored])
        metrics.POSTS_SCORED.inc(len(posts))
        for verdict in verdicts:
            for harm in verdict.flags:
                metrics.FLAGS.labels(harm.value).inc()

    return Stage("classify", log, POSTS, handle, batch=batch)
