"""Nothing lost, nothing doubled: stages killed with SIGKILL at random moments, servers restarted in mid-run.

Each run gets the posts of one undisturbed demo run and must end with its posts, alerts and evidence.
"""

import random
import uuid
from pathlib import Path

import pytest

from humiao.log import DEAD_SUFFIX, POSTS, SCORED
from tests.pipeline.harness import STAGES, Pipeline, broken_chains, feed_and_disturb, outcome, with_captures_of

KILLS = 20
KILLS_ON_SERVERS = 5


def _assert_same(pipeline: Pipeline, demo_run: object) -> None:
    found = outcome(pipeline.store)
    for part in ("posts", "alerts", "evidence"):
        assert found[part] == demo_run.outcome[part], part
    assert broken_chains(pipeline.store) == {}
    assert pipeline.log.size(POSTS + DEAD_SUFFIX) + pipeline.log.size(SCORED + DEAD_SUFFIX) == 0


@pytest.mark.slow
def test_twenty_kills_on_the_embedded_default_change_nothing(demo_run, tmp_path: Path):
    with Pipeline(with_captures_of(demo_run.data, tmp_path / "data")) as pipeline:
        dice = random.Random(20261123)
        victims = [STAGES[number % 2] for number in range(KILLS)]
        dice.shuffle(victims)
        feed_and_disturb(pipeline, demo_run.messages, [lambda name=name: pipeline.kill(name) for name in victims], seed=1)
        pipeline.settle()
        _assert_same(pipeline, demo_run)


@pytest.mark.slow
@pytest.mark.servers
def test_same_alerts_on_kafka_and_elasticsearch_undisturbed(demo_run, tmp_path: Path, kafka: str, elasticsearch: str):
    prefix = f"t{uuid.uuid4().hex[:8]}-"
    data = with_captures_of(demo_run.data, tmp_path / "data")
    with Pipeline(data, log=f"kafka://{kafka}", store=elasticsearch, prefix=prefix) as pipeline:
        pipeline.publish(demo_run.messages)
        pipeline.settle()
        _assert_same(pipeline, demo_run)


@pytest.mark.slow
@pytest.mark.servers
def test_kills_and_server_restarts_on_kafka_and_elasticsearch_change_nothing(
    demo_run, tmp_path: Path, kafka: str, elasticsearch: str, own_servers: tuple
):
    broker, node = own_servers
    prefix = f"t{uuid.uuid4().hex[:8]}-"
    data = with_captures_of(demo_run.data, tmp_path / "data")
    with Pipeline(data, log=f"kafka://{kafka}", store=elasticsearch, prefix=prefix) as pipeline:

        def restart(server):
            server.kill()
            server.start()

        kills = [lambda name=name: pipeline.kill(name) for name in ("classify", "alert", "alert", "classify", "alert")]
        acts = [*kills[:2], lambda: restart(broker), *kills[2:4], lambda: restart(node), *kills[4:]]
        assert len(kills) == KILLS_ON_SERVERS
        feed_and_disturb(pipeline, demo_run.messages, acts, seed=2)
        pipeline.settle(240)
        _assert_same(pipeline, demo_run)
