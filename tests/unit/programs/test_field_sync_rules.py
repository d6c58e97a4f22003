"""項目の同期: which side's value holds under each rule, what is never copied, and that writing always ends."""

from datetime import timedelta
from pathlib import Path

import pytest
from build import NOW, practice
from build_field_sync import CONTACT, START, TWIN, Storage, Vendors, as_given, rule, settings
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping import load_mappings
from connector.model.case import Case, Participant
from connector.model.errors import ConfigurationError
from connector.model.intents import Over, SetFields, Standing
from connector.model.limits import FieldLimit
from connector.model.records import Account, Opportunity, Person, Ref
from connector.programs.field_sync import PROGRAM, FieldSyncSettings

RULES = ["fill_blanks", "prefer_sfa", "always_sfa", "prefer_ma", "always_ma", "newest", "never"]


def after(rule_: str, sfa: str | None, ma: str | None, **more: object) -> tuple[str | None, str | None]:
    """What stands in both systems once all is written that the rule wants at first sight."""
    vendors = Vendors(settings(rule(rule_=rule_, **more)))
    vendors.sfa = {"title": sfa} if sfa else {}
    vendors.ma = {"title": ma} if ma else {}
    vendors.settle()
    return vendors.sfa.get("title"), vendors.ma.get("title")


@pytest.mark.parametrize(
    ("rule_", "both", "only_sfa", "only_ma"),
    [
        ("fill_blanks", ("部長", "課長"), ("部長", "部長"), ("課長", "課長")),
        ("prefer_sfa", ("部長", "部長"), ("部長", "部長"), ("課長", "課長")),
        ("always_sfa", ("部長", "部長"), ("部長", "部長"), (None, None)),
        ("prefer_ma", ("課長", "課長"), ("部長", "部長"), ("課長", "課長")),
        ("always_ma", ("課長", "課長"), (None, None), ("課長", "課長")),
        ("newest", ("部長", "課長"), ("部長", "部長"), ("課長", "課長")),
        ("never", ("部長", "課長"), ("部長", None), (None, "課長")),
    ],
)
def test_what_each_rule_makes_of_a_first_sight(
    rule_: str, both: tuple[str, str], only_sfa: tuple[str, str], only_ma: tuple[str, str]
) -> None:
    """SFA 部長 and MA 課長, and each alone. `newest` has seen nothing change yet, so it replaces nothing."""
    assert after(rule_, "部長", "課長") == both
    assert after(rule_, "部長", None) == only_sfa
    assert after(rule_, None, "課長") == only_ma


@pytest.mark.parametrize("side", ["sfa", "ma"])
def test_newest_follows_whoever_changed_last(side: str) -> None:
    """Once both were seen, the side that changes wins, again and again; the copy that comes back is no change."""
    vendors = Vendors(settings(rule(rule_="newest")), sfa={"title": "部長"}, ma={"title": "部長"})
    vendors.settle()
    for number, by in enumerate([side, side, "sfa", "ma", side]):
        vendors.edit(by, f"役職{number}")
        assert vendors.settle() == 1
        assert vendors.sfa == vendors.ma == {"title": f"役職{number}"}


def test_newest_sees_a_person_go_back_to_an_older_value() -> None:
    """What Okoshi once wrote there is a person's choice when a person types it again later."""
    vendors = Vendors(settings(rule(rule_="newest")), sfa={"title": "部長"}, ma={"title": "部長"})
    vendors.settle()
    for by, title in [("sfa", "次長"), ("ma", "本部長"), ("ma", "次長")]:
        vendors.edit(by, title)
        vendors.settle()
    assert vendors.sfa == vendors.ma == {"title": "次長"}


def test_newest_does_not_take_any_change_of_the_record_for_one_of_the_field() -> None:
    """The record's time moves with every mail that is opened; only the field's own value tells."""
    vendors = Vendors(settings(rule(rule_="newest")), sfa={"title": "部長"}, ma={"title": "課長"})
    vendors.settle()
    vendors.modified[TWIN] = vendors.now = vendors.now + timedelta(days=1)
    assert vendors.settle() == 0
    vendors.edit("sfa", "次長")
    vendors.modified[TWIN] = vendors.now + timedelta(days=1)
    vendors.now += timedelta(days=2)
    vendors.settle()
    assert vendors.ma == {"title": "次長"}


@pytest.mark.parametrize("rule_", ["fill_blanks", "newest", "prefer_sfa"])
@pytest.mark.parametrize("by", ["sfa", "ma"])
def test_what_a_person_erased_is_not_filled_again_from_our_own_copy(rule_: str, by: str) -> None:
    """The SFA's value was copied to the MA; then a person erases it here or there. (`prefer_sfa` restores the MA's.)"""
    vendors = Vendors(settings(rule(rule_=rule_)), sfa={"title": "部長"})
    vendors.settle()
    assert vendors.ma == {"title": "部長"}
    vendors.edit(by, None)
    if (rule_, by) == ("prefer_sfa", "ma"):
        assert vendors.settle() == 1
        return
    assert vendors.settle() == 0


def test_always_carries_blanks_too() -> None:
    """The MA is as the SFA is: what is erased there is erased here, and a person's own value gives way."""
    vendors = Vendors(settings(rule(rule_="always_sfa")), sfa={"title": "部長"})
    vendors.settle()
    vendors.edit("ma", "課長")
    vendors.settle()
    assert vendors.ma == {"title": "部長"}
    vendors.edit("sfa", None)
    vendors.settle()
    assert vendors.ma == vendors.sfa == {}


def test_what_was_copied_to_the_preferred_side_goes_on_following() -> None:
    """Nobody in the SFA gave the value: when the MA's changes, its copy changes; a person's value there then holds."""
    vendors = Vendors(settings(rule(rule_="prefer_sfa")), ma={"title": "課長"})
    vendors.settle()
    vendors.edit("ma", "次長")
    vendors.settle()
    assert vendors.sfa == vendors.ma == {"title": "次長"}
    vendors.edit("sfa", "部長")
    vendors.settle()
    vendors.edit("ma", "係長")
    vendors.settle()
    assert vendors.sfa == vendors.ma == {"title": "部長"}


@pytest.mark.parametrize("rule_", RULES)
@pytest.mark.parametrize("to", ["sfa", "ma"])
def test_one_direction_writes_to_one_side(rule_: str, to: str) -> None:
    """Whatever the rule wants, the other side is not touched."""
    try:
        chosen = settings(rule(rule_=rule_, to=to))
    except ValueError:
        assert rule_.endswith(to)
        return
    for sfa, ma in [({"title": "a"}, {}), ({}, {"title": "b"}), ({"title": "a"}, {"title": "b"})]:
        vendors = Vendors(chosen, sfa=dict(sfa), ma=dict(ma))
        vendors.settle()
        vendors.edit("sfa", "c")
        vendors.settle()
        vendors.edit("ma", "d")
        vendors.settle()
        assert all(("salesforce" in key) == (to == "sfa") for key in vendors.keys)


def test_values_are_told_in_the_other_systems_words() -> None:
    """SFA value: MA value. Several of the SFA's may be one of the MA's; a value without a word is left and told."""
    words = {"決裁者": "decision_maker", "役員": "decision_maker", "担当": "user"}
    assert after("prefer_sfa", "役員", None, values=words) == ("役員", "decision_maker")
    assert after("fill_blanks", None, "user", values=words) == ("担当", "user")
    assert after("newest", "役員", "decision_maker", values=words) == ("役員", "decision_maker")
    vendors = Vendors(settings(rule(rule_="always_sfa", values=words)), sfa={"title": "社長"}, ma={"title": "user"})
    decision = vendors.judge()
    assert decision.intents == ()
    assert "person.title has no word" in decision.text
    assert "社長" not in decision.text


def test_long_texts_are_cut_and_the_long_one_stays() -> None:
    """The cut copy is the same value: it never comes back over the whole one."""
    long = "営業本部第一営業部 部長"
    assert after("newest", long, None, max_length=6) == (long, "営業本部第…")
    vendors = Vendors(settings(rule(rule_="prefer_sfa")), ma={"title": long})
    vendors.limits = {"Title": FieldLimit(holds="text", length=6)}
    vendors.settle()
    assert vendors.ma == {"title": long}
    assert vendors.sfa == {"title": "営業本部第…"}


def test_a_copy_that_the_field_cut_is_no_newer_value() -> None:
    """The MA's field takes six characters: what comes back from there never shortens the title that was typed."""
    vendors = Vendors(settings(rule(rule_="newest")), sfa={"title": "部長"}, ma={"title": "部長"})
    vendors.limits = {"jobtitle": FieldLimit(holds="text", length=6)}
    vendors.settle()
    vendors.edit("sfa", "営業本部第一営業部 部長")
    assert vendors.settle() == 1
    assert (vendors.sfa, vendors.ma) == ({"title": "営業本部第一営業部 部長"}, {"title": "営業本部第…"})
    vendors.edit("ma", "次長")
    vendors.settle()
    assert vendors.sfa == {"title": "次長"}


def test_what_is_written_where_and_why() -> None:
    """A fill never replaces, a rule that says so does; each with its reason, and no value in it."""
    vendors = Vendors(
        settings(rule(), rule("phone", "prefer_sfa"), rule("mobile", "prefer_ma")),
        sfa={"title": "部長", "phone": "03-1"},
        ma={"phone": "03-2", "mobile": "090-1"},
    )
    decision = vendors.judge()
    assert decision.standing is Standing.NOT_ELIGIBLE
    assert decision.wake_at is None
    assert decision.intents == (
        SetFields(record=TWIN, values={"title": "部長"}, over=Over.BLANK),
        SetFields(record=TWIN, values={"phone": "03-1"}, over=Over.ANY),
        SetFields(record=CONTACT, values={"mobile": "090-1"}, over=Over.ANY),
    )
    assert [(one.rule, one.record, one.field, one.value) for one in decision.because] == [
        ("field_sync.fill_blanks", str(CONTACT), "title", None),
        ("field_sync.prefer_sfa", str(CONTACT), "phone", None),
        ("field_sync.prefer_ma", str(TWIN), "mobile", None),
    ]
    assert vendors.judge() == decision


STORAGES: dict[str, Storage] = {
    "as given": as_given,
    "capitals": str.upper,
    "small letters": str.lower,
    "cut": lambda text: text[:2],
    "decorated": lambda text: f"+{text.lstrip('+')}",
}
edits = st.lists(
    st.tuples(st.sampled_from(["sfa", "ma"]), st.sampled_from([None, "a", "B", "abc", "+C"]), st.booleans()),
    max_size=10,
)


@given(
    edits,
    st.sampled_from(RULES),
    st.sampled_from(["both", "sfa", "ma"]),
    st.sampled_from([*STORAGES]),
    st.sampled_from([*STORAGES]),
)
def test_no_loop_whatever_people_type_and_vendors_make_of_it(
    steps: list[tuple[str, str | None, bool]], rule_: str, to: str, sfa: str, ma: str
) -> None:
    """After any edits on both sides writing ends within a few cycles, no key is used twice, and then nothing is
    written however often the records are touched."""
    if rule_.endswith(to):
        to = "both"
    vendors = Vendors(settings(rule(rule_=rule_, to=to)), storage={"sfa": STORAGES[sfa], "ma": STORAGES[ma]})
    for side, value, runs in steps:
        vendors.edit(side, value)
        if runs:
            vendors.settle()
    vendors.settle()
    for ref in (CONTACT, TWIN):
        vendors.modified[ref] = vendors.now = vendors.now + timedelta(minutes=1)
        assert vendors.cycle() == []


@given(edits, st.sampled_from(["prefer_sfa", "always_sfa", "prefer_ma", "always_ma", "newest"]))
def test_both_sides_agree_in_the_end(steps: list[tuple[str, str | None, bool]], rule_: str) -> None:
    """Between vendors that keep what they get, a rule that replaces leaves one value, unless a person erased one."""
    vendors = Vendors(settings(rule(rule_=rule_)), sfa={"title": "x"}, ma={"title": "x"})
    vendors.settle()
    for side, value, _ in steps:
        if value:
            vendors.edit(side, value)
            vendors.settle()
    assert vendors.sfa == vendors.ma
    if rule_ == "newest" and any(value for _, value, _ in steps):
        assert vendors.sfa == {"title": [value for _, value, _ in steps if value][-1]}


@given(edits)
def test_filling_never_replaces(steps: list[tuple[str, str | None, bool]]) -> None:
    """Under `fill_blanks` what a person typed stands until a person changes it."""
    vendors = Vendors(settings(rule()))
    for side, value, _ in steps:
        vendors.edit(side, value)
        vendors.settle()
        if value:
            assert {"sfa": vendors.sfa, "ma": vendors.ma}[side] == {"title": value}


# --- which records belong together ---------------------------------------------------------------------------------


def person(ref: Ref, *same_as: Ref, **values: object) -> Person:
    """A record of the person."""
    return Person.model_validate({"ref": ref, "modified_at": START, "same_as": same_as, **values})


def case_of(*records: Person) -> Case:
    """The case of one person with these records."""
    return Case(subject=records[0], version="v1", participants=(Participant(records[0], records[1:], True),))


LEAD = Ref("salesforce", "Lead", "00QA")
SECOND = Ref("hubspot", "contacts", "52")


@pytest.mark.parametrize(
    ("records", "reason", "written"),
    [
        ((person(CONTACT, title="部長"), person(TWIN)), "differs", TWIN),
        ((person(CONTACT, title="部長"),), "alone", None),
        ((person(CONTACT, title="部長"), person(TWIN), person(SECOND)), "several", None),
        ((person(CONTACT, title="部長"), person(TWIN), person(SECOND, CONTACT)), "differs", SECOND),
        ((person(CONTACT, title="部長"), person(TWIN, CONTACT), person(SECOND, CONTACT)), "several", None),
        ((person(CONTACT, title="部長"), person(LEAD), person(TWIN)), "several", None),
        ((person(CONTACT, title="部長"), person(LEAD), person(TWIN, CONTACT)), "differs", TWIN),
        ((person(CONTACT, title="部長"), person(LEAD, CONTACT), person(TWIN)), "differs", TWIN),
        ((person(CONTACT, title="部長"), person(TWIN), person(SECOND, deleted=True)), "differs", TWIN),
    ],
)
def test_only_a_sure_pair_is_kept_the_same(records: tuple[Person, ...], reason: str, written: Ref | None) -> None:
    """The only two, or the only ones that name each other; a converted lead is the contact's past. Else nothing."""
    decision = PROGRAM.evaluate(case_of(*records), settings(rule()), practice(), NOW)
    assert decision.reason == reason
    assert [intent.record for intent in decision.intents if isinstance(intent, SetFields)] == (
        [written] if written else []
    )


def test_companies_have_their_own_fields() -> None:
    """A rule about people says nothing of companies."""
    account = Account(ref=Ref("salesforce", "Account", "001A"), modified_at=START, phone="03-1")
    twin = Account(ref=Ref("hubspot", "companies", "7"), modified_at=START)
    case = Case(subject=account, version="v1", accounts=(account, twin))
    assert PROGRAM.evaluate(case, settings(rule("phone")), practice(), NOW).intents == ()
    chosen = settings({"kind": "account", "property": "phone", "rule": "fill_blanks"})
    assert PROGRAM.evaluate(case, chosen, practice(), NOW).intents == (
        SetFields(record=twin.ref, values={"phone": "03-1"}, over=Over.BLANK),
    )


def test_who_is_in_the_ma_alone_is_none_of_its_business() -> None:
    """Nothing is loaded for them."""
    assert PROGRAM.concerns(person(CONTACT))
    assert not PROGRAM.concerns(person(TWIN))


def test_a_deal_is_kept_the_same_with_its_record_in_the_ma() -> None:
    """Both are one deal; what belongs to 予実管理 can be listed for none of them."""
    deal = Opportunity(ref=Ref("salesforce", "Opportunity", "006A"), modified_at=START, product="基幹システム")
    twin = Opportunity(ref=Ref("hubspot", "deals", "9"), modified_at=START, same_as=(deal.ref,))
    case = Case(subject=deal, version="v1", deal_records=(deal, twin))
    chosen = settings({"kind": "opportunity", "property": "product", "rule": "prefer_sfa"})
    assert PROGRAM.concerns(deal)
    assert PROGRAM.evaluate(case, chosen, practice(), NOW).intents == (
        SetFields(record=twin.ref, values={"product": "基幹システム"}, over=Over.ANY),
    )


# --- settings ------------------------------------------------------------------------------------------------------


def test_the_preset_is_off_and_only_fills_blanks() -> None:
    """Whoever switches it on gets a few fields, none of which is ever replaced."""
    preset = load_mappings(None).program("field_sync", FieldSyncSettings)
    assert not preset.enabled
    assert [(one.kind, one.name, one.rule) for one in preset.fields] == [
        ("person", "title", "fill_blanks"),
        ("person", "phone", "fill_blanks"),
        ("person", "mobile", "fill_blanks"),
    ]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{kind: person, property: email, rule: newest}", "`email` is never copied: it tells who this is"),
        ("{kind: person, property: name, rule: fill_blanks}", "`name` is never copied"),
        ("{kind: person, property: call_consent, rule: newest}", "the strictest of all records counts"),
        ("{kind: opportunity, property: amount, rule: newest}", "`amount` is never copied: it belongs to 予実管理"),
        ("{kind: opportunity, property: stage, rule: newest}", "`stage` is never copied: it belongs to 予実管理"),
        ("{kind: opportunity, property: is_won, rule: newest}", "`is_won` is never copied: it belongs to 予実管理"),
        ("{kind: account, property: status, rule: newest}", "`status` is kept by the program account_status"),
        ("{kind: person, property: confirmed_on, rule: newest}", "`confirmed_on` is kept by the program freshness"),
        ("{kind: person, property: titel, rule: newest}", "has no `titel`; did you mean `title`?"),
        ("{kind: person, property: owner, rule: newest}", "has no `owner`"),
        ("{kind: person, property: title, rule: sometimes}", "'fill_blanks', 'prefer_sfa'"),
        ("{kind: person, property: title, rule: always_sfa, to: sfa}", "remove `to: sfa`"),
        ("{kind: account, property: employees, rule: newest, max_length: 3}", "`employees` holds no text"),
        ("{kind: person, property: phone, rule: newest}", "person.phone is there twice; keep one of the two"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, entry: str, told: str) -> None:
    """File and line of the entry, what is wrong, and why."""
    path = tmp_path / "mappings" / "programs" / "field_sync.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(f"fields:\n  - {{kind: person, property: phone, rule: never}}\n  - {entry}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_mappings(tmp_path).program("field_sync", FieldSyncSettings)
    assert told in str(refused.value)
    line = 1 if "twice" in told else 3
    assert str(refused.value).startswith(f"mappings/programs/field_sync.yaml:{line}:")
