"""Never two processes at one host, whatever stops, is late or gets lost; and everything is somebody's again soon after."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.sharing.groups import SiteGroup, site_groups
from crawlers.source import Source
from humiao.source_status import CRAWLER_NOTES, LEASE_NOTES
from tests.crawlers.sharing.world import LEASE, World


def groups(number: int) -> list[SiteGroup]:
    return [SiteGroup((), (f"site{n}.example", f"www.site{n}.example")) for n in range(number)]


def source(name: str, *hosts: str) -> Source:
    return Source.model_validate(
        {"name": name, "family": "feed", "platform": name, "start": [f"http://{host}/" for host in hosts], "owner": "某公司",
         "permission": "书面同意", "rate": {"delay": 1}}
    )  # fmt: skip


def shares(world: World) -> list[int]:
    return sorted(len(one.share.held) for one in world.processes if not one.dead)


def calm(world: World, leases: float = 8) -> None:
    """No more trouble for a while."""
    world.trouble = False
    for process in world.processes:
        process.next_step = min(process.next_step, world.now + LEASE)
    world.pass_time(leases * LEASE)


def test_sources_whose_hosts_overlap_even_through_others_belong_together():
    made = site_groups(
        [source("a", "x.example"), source("b", "y.example"), source("c", "z.example"), source("d", "y.example", "x.example")]
    )
    assert [([one.name for one in group.sources], group.hosts) for group in made] == [
        (["a", "b", "d"], ("x.example", "y.example")),
        (["c"], ("z.example",)),
    ]


@given(st.integers(min_value=0), st.integers(2, 4), st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_no_host_is_ever_asked_by_two_and_all_are_asked_again_when_trouble_is_over(seed, processes, number):
    world = World(seed, processes=processes, groups=groups(number))
    for _ in range(8):
        world.pass_time(world.lots.uniform(0, 3 * LEASE))
        if world.lots.random() < 0.3:
            world.lots.choice(world.processes).dead = True
        if world.lots.random() < 0.3:
            world.join()
    if all(one.dead for one in world.processes):
        world.join()
    calm(world)
    assert world.most_at_once <= 1
    held = [name for one in world.processes if not one.dead for name in one.share.held]
    assert sorted(held) == sorted(group.name for group in world.groups)
    assert max(shares(world)) <= -(-number // len(shares(world)))


def test_the_shares_are_fair_and_a_new_process_gets_its_own():
    world = World(1, processes=1, groups=groups(10))
    calm(world)
    assert shares(world) == [10]
    world.join()
    calm(world)
    assert shares(world) == [5, 5]
    world.join()
    calm(world)
    assert shares(world) == [2, 4, 4]
    assert world.most_at_once == 1


def test_a_killed_process_is_replaced_within_about_one_lease():
    world = World(2, processes=2, groups=groups(6))
    calm(world)
    world.processes[0].dead = True
    world.pass_time(1.5 * LEASE)
    assert shares(world) == [6]


def test_a_process_that_ends_is_replaced_at_the_next_step_of_another():
    world = World(3, processes=2, groups=groups(6))
    calm(world)
    world.processes[0].share.leave()
    world.processes[0].dead = True
    world.pass_time(LEASE / 5 + 0.5)
    assert shares(world) == [6]


def test_a_process_that_slept_for_long_holds_nothing_when_it_wakes():
    world = World(4, processes=2, groups=groups(4))
    calm(world)
    sleeper = world.processes[0]
    had = dict(sleeper.share.held)
    sleeper.next_step = world.now + 5 * LEASE
    world.pass_time(2 * LEASE)
    assert had
    assert not any(sleeper.share.may_ask(name, tenure) for name, tenure in had.items())
    calm(world)
    assert shares(world) == [2, 2]
    assert not any(sleeper.share.may_ask(name, tenure) for name, tenure in had.items())  # a new tenure, a new number
    assert world.most_at_once == 1


def test_without_the_store_nothing_is_asked_after_two_thirds_of_a_lease():
    world = World(5, processes=1, groups=groups(2))
    calm(world)
    (only,) = world.processes
    only.next_step = world.now + 100 * LEASE
    asking = lambda: any(only.share.may_ask(name, tenure) for name, tenure in only.share.held.items())  # noqa: E731
    assert asking()
    world.pass_time(2 / 3 * LEASE + 1)
    assert not asking()
    only.step()
    assert asking()  # the store is back and nobody wanted the sites: all goes on


def test_notes_of_processes_long_gone_are_dropped():
    world = World(6, processes=3, groups=groups(3))
    calm(world)
    world.processes[0].dead = True
    calm(world, 40)
    assert len([key for kind, key in world.kept if kind == CRAWLER_NOTES]) == 2
    assert len([key for kind, key in world.kept if kind == LEASE_NOTES]) == 6


@pytest.mark.parametrize("seed", range(3))
def test_a_process_for_other_sources_takes_what_is_free_and_leaves_the_rest_alone(seed):
    world = World(seed, processes=1, groups=groups(4))
    calm(world)
    world.groups = [*groups(4), SiteGroup((), ("new.example",))]
    world.join()
    calm(world)
    assert shares(world) == [1, 4]
    assert world.most_at_once == 1
