"""The frame of a check: what a rule makes of the facts of one response."""

from workers.check import EVIDENCE_LIMIT, MESSAGE_LIMIT, Rule

RULE = Rule(
    id="a-rule",
    severity="low",
    field="A",
    message="{name} is {value}.",
    why="It matters.",
    fix="A: 1",
    reference="RFC 9110 section 5",
)


def test_a_finding_says_what_its_rule_says_of_the_facts() -> None:
    finding = RULE.found("b=2", name="b", value="2")
    assert (finding.id, finding.severity, finding.field) == ("a-rule", "low", "A")
    assert (finding.message, finding.evidence, finding.fix) == ("b is 2.", "b=2", "A: 1")
    assert finding.reference == "RFC 9110 section 5"


def test_a_finding_may_carry_a_fix_of_its_own() -> None:
    assert RULE.found(fix="A: 3", name="b", value="2").fix == "A: 3"


def test_a_finding_may_name_a_field_of_its_own() -> None:
    finding = RULE.found(field="B", name="b", value="2")
    assert (finding.field, RULE.found(name="b", value="2").field) == ("B", "A")


def test_evidence_and_message_of_a_hostile_value_are_cut() -> None:
    finding = RULE.found("x" * 100_000, name="x" * 100_000, value="")
    assert finding.evidence == "x" * (EVIDENCE_LIMIT - 1) + "…"
    assert finding.message == "x" * (MESSAGE_LIMIT - 1) + "…"


def test_evidence_of_just_the_limit_is_whole() -> None:
    assert RULE.found("x" * EVIDENCE_LIMIT, name="", value="").evidence == "x" * EVIDENCE_LIMIT


def test_braces_in_a_fact_are_not_read_as_a_template() -> None:
    assert RULE.found(name="{value}", value="{0}").message == "{value} is {0}."
