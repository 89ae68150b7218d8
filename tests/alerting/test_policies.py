"""Policies: the shipped set label by label and stance by stance, and what a bad file is told."""

import re
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from alerting.calendar import Calendar
from alerting.conditions import Condition
from alerting.facts import FACTS, AuthorCounts, facts_of
from alerting.policies import SHIPPED, Policies, Policy, Step
from humiao.alert import Grade
from humiao.errors import SettingsError
from humiao.labels import CRISIS, Harm, Sentiment, Stance
from humiao.post import Post
from tests.alerting.stream import shipped
from tests.builders import NOON, at, make_post, make_verdict

ORANGE = {Harm.BULLYING, Harm.DOXXING, Harm.VIOLENCE}


def judge(flags: dict[Harm, float], stance: Stance, policies: Policies | None = None):
    post = make_post()
    return (policies or shipped()).judge(post, make_verdict(post, flags=flags, stance=stance)).policy


@pytest.mark.parametrize("harm", Harm)
@pytest.mark.parametrize("stance", Stance)
def test_every_label_has_a_policy_for_every_stance(harm: Harm, stance: Stance) -> None:
    policy = judge({harm: 0.9}, stance)
    if stance is Stance.AWARENESS:
        assert policy is None
        return
    assert policy is not None
    assert policy.name.startswith(harm.value.replace("_", "-"))
    assert policy.route
    assert policy.basis
    if harm in CRISIS:
        expected = Grade.RED
    elif stance is Stance.VICTIM or (stance is Stance.OFFENDER and harm in ORANGE):
        expected = Grade.ORANGE
    else:
        expected = Grade.BLUE if stance is Stance.OTHER else Grade.YELLOW
    assert policy.grade is expected


@pytest.mark.parametrize("harm", Harm)
def test_victims_have_the_shorter_deadline(harm: Harm) -> None:
    def due(policy: Policy) -> datetime:
        return shipped().due(policy, NOON)

    victim = judge({harm: 0.9}, Stance.VICTIM)
    for stance in (Stance.OFFENDER, Stance.WITNESS, Stance.OTHER):
        assert due(victim) < due(judge({harm: 0.9}, stance))


def test_a_harmless_post_raises_nothing() -> None:
    assert judge({}, Stance.VICTIM) is None


def test_the_most_urgent_grade_wins_then_the_first_in_the_file() -> None:
    assert judge({Harm.FRAUD: 0.99, Harm.DRUGS: 0.5}, Stance.OFFENDER).name == "drugs"
    assert judge({Harm.DRUGS: 0.99, Harm.SELF_HARM: 0.5}, Stance.VICTIM).name == "self-harm-victim"


def test_every_citation_names_title_and_version() -> None:
    for policy in shipped().all:
        for cited in shipped().cite(policy):
            assert cited.startswith("《")
            assert "第" in cited


def write(folder: Path, **changed: object) -> Path:
    policy = {"name": "mine", "version": 1, "owner": "me", "condition": "'drugs' in flags", "grade": "red", "basis": ["未保法 54"]}
    file = folder / "mine.yaml"
    laws = {"未保法": {"title": "未成年人保护法", "version": "2024年修正"}}
    content = {"laws": laws, "policies": [{key: value for key, value in (policy | changed).items() if value is not None}]}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"condition": "flag.size() > 0"}, "mine.yaml:8:14: mine: condition: field 'flag' is unknown; did you mean flags?"),
        ({"condition": "post.text == 'x'"}, "condition: field 'post' is unknown"),
        ({"condition": "flags.anything(f, f == 'drugs')"}, "condition: function 'anything' is unknown"),
        ({"condition": "system('rm')"}, "condition: function 'system' is unknown"),
        ({"condition": "harm.drug > 0.5"}, "condition: harm has no 'drug'; did you mean drugs?"),
        ({"condition": "harm['drug'] > 0.5"}, "condition: harm has no 'drug'"),
        ({"condition": "stances.victims > 0.5"}, "condition: stances has no 'victims'"),
        ({"condition": "'drug' in flags"}, "condition: flags is never 'drug'"),
        ({"condition": "stance == 'victims'"}, "condition: stance is never 'victims'"),
        ({"condition": "sentiment in ['bad']"}, "condition: sentiment is never 'bad'"),
        ({"condition": "stance =="}, "condition: is no CEL from here on: '=='"),
        ({"condition": "1 + 1"}, "condition: gives int, not true or false"),
        ({"condition": "stance"}, "not true or false"),
        ({"condition": "length > 'x'"}, "condition: int > text can't be compared"),
        ({"condition": "true || length > 'x'"}, ":8:31: mine: condition: int > text can't be compared"),
        ({"condition": "hour + 0.5 > 1.0"}, "condition: int and double can't be combined"),
        ({"condition": "hour == 1.0"}, "write both as double"),
        ({"condition": "text.matches('a[')"}, "is no regular expression"),
        ({"condition": "flags.exists(f, f == 'drag')"}, "condition: flags is never 'drag'; did you mean drugs?"),
        ({"condition": "flags[0] == 'drag'"}, "condition: flags is never 'drag'"),
        ({"condition": "stance[0] == 'victim'"}, "text can't be indexed"),
        ({"condition": "hour in flags"}, "a list of text holds no int"),
        ({"condition": "workday ? 1 : 'x'"}, "is text, not int: both branches"),
        ({"condition": "hour && workday"}, "is int, not bool"),
        ({"condition": "{'a': 1}.a == 1"}, "a map can't be used"),
        ({"condition": "text == null"}, "null can't be used"),
        ({"condition": "group_size == 3"}, "group_size can only stand as group_size >= NUMBER"),
        ({"condition": "!(group_size >= 3)"}, "group_size can only stand as group_size >= NUMBER"),
        ({"condition": "'drugs' in flags &&\n  lenght > 3"}, "field 'lenght' is unknown; did you mean length?"),
        ({"condition": ""}, "condition: "),
        ({"grade": "purple"}, "mine: grade: "),
        ({"grade": None}, "mine: grade: "),
        ({"owner": None}, "mine: owner: "),
        ({"version": 0}, "mine: version: "),
        ({"deadline_hours": -1}, "mine: deadline_hours: "),
        ({"name": "Mine Own"}, "name: "),
        ({"threshold": 3}, "mine.yaml:12:14: mine: threshold: is no field of a policy"),
        ({"deadline_hour": 3}, "did you mean deadline_hours"),
        ({"deadline_hours": 3, "deadline_workdays": 1}, "keep one of them"),
        ({"basis": ["民法典 1195"]}, "basis: '民法典 1195' is not"),
        ({"basis": ["未保法"]}, "basis: '未保法' is not"),
        ({"shadow": "perhaps"}, "mine: shadow: "),
    ],
)
def test_a_bad_policy_is_one_line_with_file_policy_and_field(tmp_path: Path, changed: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Policies.load(write(tmp_path, **changed))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert re.match(rf"{re.escape(str(tmp_path / 'mine.yaml'))}:\d+:\d+: ", str(caught.value))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("policies: [", r"bad.yaml:1:12: is not YAML"),
        ("[]", "bad.yaml:1:1: file: "),
        ("policies: 3", "bad.yaml:1:11: policies: "),
        ("policies: []\nlows: {}", "bad.yaml:2:7: lows: is no field of a policy file; did you mean laws?"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=message) as caught:
        Policies.load(file)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_name_used_twice_are_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        Policies.load(tmp_path / "none.yaml")
    content = yaml.safe_load(write(tmp_path).read_text(encoding="utf-8"))
    content["policies"] *= 2
    (tmp_path / "two.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(SettingsError, match="stands twice"):
        Policies.load(tmp_path / "two.yaml")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("'drugs' in flags", True),
        ("flags.exists(f, f in crisis)", True),
        ("flags.all(f, f in crisis)", False),
        ("harm.drugs >= 0.9 && harm['fraud'] < 0.8", True),
        ("size(flags) == 2 && flags[0] == 'drugs'", True),
        ("stance != 'victim' || platform == 'bbs'", True),
        ("text.contains('图书馆') && text.matches('小学[生校]') && length < 50", True),
        ("title.startsWith('周末') && board == '家长里短' && place.endsWith('街道')", True),
        ("sentiment == 'negative' ? false : sentiments.neutral > 0.5", True),
        ("has(harm.drugs) && !(source == 'bbs')", False),
        ("hour == 12 && weekday == 1 && workday && !patrol && group_size >= 1", True),
        ("flags[5] == 'drugs' || true", True),
        ("false && flags[5] == 'drugs'", False),
        ("(length - 1) / 2 % 3 == 2 && author_posts == 0", True),
        ("stances.victim > 0.5 && stance in ['victim', 'witness']", True),
    ],
)
def test_a_condition_reads_every_kind_of_fact(condition: str, holds: bool) -> None:
    post = make_post()
    verdict = make_verdict(post, flags={Harm.DRUGS: 0.95, Harm.FRAUD: 0.7}, stance=Stance.VICTIM)
    facts = facts_of(post, verdict, Calendar.load())
    assert set(facts) == set(FACTS)
    compiled = Condition(condition)
    assert [compiled.holds(facts), compiled.holds(facts)] == [holds, holds], "the second answer may be remembered"


def test_a_remembered_answer_is_that_of_the_same_facts() -> None:
    compiled = Condition("'drugs' in flags && stance == 'victim'")
    post = make_post()
    for stance in Stance:
        for harm in (Harm.DRUGS, Harm.FRAUD):
            facts = facts_of(post, make_verdict(post, flags={harm: 0.9}, stance=stance), Calendar.load())
            assert compiled.holds(facts) is (harm is Harm.DRUGS and stance is Stance.VICTIM)


def test_a_shadow_policy_is_watched_and_raises_nothing(tmp_path: Path) -> None:
    policies = Policies.load(write(tmp_path, shadow=True))
    post = make_post()
    judgement = policies.judge(post, make_verdict(post, flags={Harm.DRUGS: 0.9}))
    assert judgement.policy is None
    assert [policy.ref for policy in judgement.shadows] == ["mine@1"]


def test_a_condition_that_fails_on_a_post_lets_the_other_policies_decide(tmp_path: Path) -> None:
    broken = yaml.safe_load(write(tmp_path, condition="size(title) > 0 || flags[1] == 'drugs'").read_text(encoding="utf-8"))
    broken["policies"].append(broken["policies"][0] | {"name": "next", "condition": "'drugs' in flags"})
    file = tmp_path / "both.yaml"
    file.write_text(yaml.safe_dump(broken), encoding="utf-8")
    post = make_post(title="")
    assert Policies.load(file).judge(post, make_verdict(post, flags={Harm.DRUGS: 0.9})).policy.name == "next"


def test_the_shipped_file_is_the_default() -> None:
    assert [policy.ref for policy in Policies.load(SHIPPED).all] == [policy.ref for policy in shipped().all]


@pytest.mark.parametrize("style", ["|", ">", "|-"])
def test_a_mistake_in_a_block_is_found_in_its_own_line(tmp_path: Path, style: str) -> None:
    lines = ["policies:", "- name: mine", "  version: 1", "  owner: me", "  grade: red", f"  condition: {style}"]
    lines += ["    'drugs' in flags &&", "    stanse == 'victim'"]
    file = tmp_path / "block.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Policies.load(file)
    message = str(caught.value)
    assert message.endswith("field 'stanse' is unknown; did you mean stance or stances?")
    assert message.startswith(f"{file}:8:5: mine: condition: ")


def test_at_night_a_self_harm_statement_is_red_at_once_and_calls_the_duty(tmp_path: Path) -> None:
    for hour, expected in ((21, "self-harm-victim"), (22, "self-harm-night"), (2, "self-harm-night"), (6, "self-harm-victim")):
        post = make_post(ts=at(hours=hour - 12))
        policy = shipped().judge(post, make_verdict(post, flags={Harm.SELF_HARM: 0.9}, stance=Stance.VICTIM)).policy
        assert (policy.name, policy.grade, policy.duty) == (expected, Grade.RED, expected == "self-harm-night")


def test_a_quiet_cry_and_a_patrol_finding_raise_an_alert_without_a_flag() -> None:
    post = make_post()
    cry = make_verdict(post, stance=Stance.VICTIM, sentiment=Sentiment.NEGATIVE)
    assert shipped().judge(post, cry).policy is None
    cry = cry.model_copy(update={"harm": cry.harm | {Harm.SELF_HARM: 0.25}})
    assert shipped().judge(post, cry).policy.name == "quiet-cry"
    unsure = cry.model_copy(update={"stance": cry.stance | {Stance.VICTIM: 0.11, Stance.OTHER: 0.7}})
    assert shipped().judge(post, unsure).policy.name == "quiet-cry", "without a flag the likeliest stance is mostly other"
    found = make_post(source="patrol:officer")
    for stance in Stance:
        assert shipped().judge(found, make_verdict(found, stance=stance)).policy.grade is Grade.BLUE
    flagged = make_verdict(found, flags={Harm.DRUGS: 0.9}, stance=Stance.OFFENDER)
    assert shipped().judge(found, flagged).policy.name == "drugs", "the most urgent policy decides on a finding too"


def test_an_author_is_asked_for_only_when_a_condition_needs_it(tmp_path: Path) -> None:
    post = make_post()
    verdict = make_verdict(post, flags={Harm.DRUGS: 0.9})
    asked: list[str] = []

    def author(one: Post) -> AuthorCounts:
        asked.append(one.author)
        return AuthorCounts(5, 3)

    shipped().judge(post, verdict, author)
    assert asked == []
    mine = Policies.load(write(tmp_path, condition="author_posts >= 5 && author_flagged >= 3"))
    assert mine.judge(post, verdict, author).policy.name == "mine"
    assert mine.judge(post, verdict).policy is None
    assert asked == [post.author]


def test_a_larger_incident_may_have_another_policy(tmp_path: Path) -> None:
    content = yaml.safe_load(write(tmp_path, grade="yellow").read_text(encoding="utf-8"))
    bigger = {"name": "flood", "grade": "red", "condition": "'drugs' in flags && (group_size >= 20 || workday && group_size > 4)"}
    content["policies"].append(content["policies"][0] | bigger)
    file = tmp_path / "both.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    post = make_post()
    judgement = Policies.load(file).judge(post, make_verdict(post, flags={Harm.DRUGS: 0.9}))
    assert (judgement.policy.name, judgement.steps) == ("mine", (Step(5, "flood@1"),))
    sunday = make_post(ts=at(days=-1))
    assert Policies.load(file).judge(sunday, make_verdict(sunday, flags={Harm.DRUGS: 0.9})).steps == (Step(20, "flood@1"),)
