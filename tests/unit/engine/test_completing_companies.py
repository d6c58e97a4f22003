"""Companies completed from a register: what is added, what never is, and when somebody is looked up again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from connector.engine import reference, reference_load
from connector.engine.comparing import kept_of
from connector.engine.deployment import Silent
from connector.engine.first_load import first_load
from connector.engine.placing import Placing
from connector.engine.reference_load import Loaded
from connector.engine.reference_reading import RegisterSource
from connector.engine.unify import place
from connector.identity.corporate_number import check_digit
from connector.identity.decide import Outcome
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules, IdentityRules
from connector.model.errors import ConfigurationError
from connector.model.records import Account, Kind, Ref
from connector.store import match_keys, mirror, reference_matches, unmatched
from connector.store import reference as tables
from connector.store.store import Store

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
RULES = IdentityRules()
SPOT = "東京都港区赤坂一丁目２番３号"
ELSEWHERE = "大阪府大阪市北区梅田三丁目１番１号"
HEADER = "法人番号,商号,フリガナ,英語名,旧商号,所在地"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def number(place: int) -> str:
    """A valid 法人番号."""
    twelve = f"{place:012}"
    return f"{check_digit(twelve)}{twelve}"


ACME = f"{number(1)},株式会社アクメ,アクメ,Acme Corporation,旧山商事株式会社,{SPOT}"
OTHERS = (
    f"{number(2)},株式会社同名,ドウメイ,,,{SPOT}",
    f"{number(3)},株式会社同名,ドウメイ,,,{ELSEWHERE}",
    f"{number(4)},株式会社山川運輸,,,,{ELSEWHERE}",
)


class Register:
    """A register's file, and the store that it is loaded into."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.path = store, folder / "register.csv"

    def load(self, *lines: str, complete: bool | None = True, replace: bool = False) -> Loaded:
        """Loads these lines."""
        self.path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
        source = RegisterSource(path=self.path, complete=complete, replace=replace)
        with self.store.lease("test") as lease:
            return reference_load.load(self.store, lease, source, RULES.companies, NOW, lambda *_: None)

    def completed(self, **values: Any) -> Company:
        """One company of a system, completed."""
        with self.store.begin() as tx:
            (found,) = reference.completed(tx, [company(**values)], RULES, NOW)
        return found

    def known(self, ref: str = "crm:Account:1") -> reference.ReferenceMatch:
        """What was found of it."""
        with self.store.read() as tx:
            return reference.known(tx, [ref])[ref]


def company(name: str, ref: str = "crm:Account:1", **values: Any) -> Company:
    """A company of a system."""
    return Company(ref=ref, name=name, **values)


@pytest.fixture
def register(store: Store, tmp_path: Path) -> Register:
    """An empty one."""
    return Register(store, tmp_path)


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_without_a_register_a_chunk_costs_one_look(register: Register) -> None:
    """However many companies it has, and they stay as they are."""
    given = [company("アクメ", f"crm:Account:{place}") for place in range(500)]
    with register.store.begin() as tx, statements(register.store) as asked:
        assert reference.completed(tx, given, RULES, NOW) == given
        assert reference.completed(tx, [], RULES, NOW) == []
    assert len(asked) == 1


def test_a_sure_match_adds_number_names_and_kana(register: Register) -> None:
    """Name and place agree: what the system leaves blank is known now."""
    register.load(ACME, *OTHERS)
    found = register.completed(name="㈱アクメ", address="東京都港区赤坂1-2-3")
    assert found == company(
        name="㈱アクメ",
        address="東京都港区赤坂1-2-3",
        corporate_number=number(1),
        name_kana="アクメ",
        name_english="Acme Corporation",
        former_names=("旧山商事株式会社",),
    )
    known = register.known()
    assert (known.match.outcome, known.match.number, known.match.at) == (Outcome.AUTO, number(1), NOW)
    assert {piece.kind for piece in known.match.evidence} >= {"name_exact", "address_same_spot"}
    assert known.registered is not None
    assert known.registered.name == "株式会社アクメ"


def test_what_a_system_says_is_never_replaced(register: Register) -> None:
    """Its kana, English and former names stay; even a 法人番号 that cannot be right."""
    register.load(ACME)
    own = {"name_kana": "アクミー", "name_english": "Akume", "corporate_number": "123", "former_names": ("昔",)}
    found = register.completed(name="㈱アクメ", address=SPOT, **own)
    assert (found.name_kana, found.name_english, found.corporate_number) == ("アクミー", "Akume", "123")
    assert found.former_names == ("昔", "旧山商事株式会社")


def test_a_former_name_is_recognised_and_the_present_one_is_added(register: Register) -> None:
    """The record bears the old name; under the new one it is found again too."""
    register.load(ACME)
    found = register.completed(name="旧山商事㈱", address=SPOT)
    assert found.corporate_number == number(1)
    assert found.former_names == ("旧山商事株式会社", "株式会社アクメ")


def test_an_english_name_is_recognised(register: Register) -> None:
    """Acme Corporation is アクメ."""
    register.load(ACME)
    assert register.completed(name="Acme Corporation", address=SPOT).corporate_number == number(1)


def test_the_systems_own_number_finds_its_company_whatever_else_differs(register: Register) -> None:
    """It is a fact; the register adds the names that belong to it."""
    register.load(ACME, *OTHERS)
    found = register.completed(name="アクメ販売", corporate_number=number(4), address=SPOT)
    assert (found.corporate_number, found.former_names) == (number(4), ("株式会社山川運輸",))
    assert register.known().match.outcome is Outcome.AUTO


def test_a_valid_number_that_the_register_lacks_is_not_replaced_by_likeness(register: Register) -> None:
    """A firm of the same name at the same place is another one, and may be its successor."""
    register.load(ACME)
    assert register.completed(name="株式会社アクメ", corporate_number=number(9), address=SPOT) == company(
        name="株式会社アクメ", corporate_number=number(9), address=SPOT
    )
    match = register.known().match
    assert (match.outcome, match.reason) == (Outcome.NEW, "identity.not_in_register")


def test_two_bearers_of_a_name_are_left_to_a_person(register: Register) -> None:
    """Without an address nobody knows which; nothing is added, and the doubt is kept."""
    register.load(ACME, *OTHERS)
    assert register.completed(name="株式会社同名") == company(name="株式会社同名")
    match = register.known().match
    assert match.outcome is Outcome.REVIEW
    assert match.number in (number(2), number(3))
    assert register.completed(name="株式会社同名", address=ELSEWHERE).corporate_number == number(3)


def test_only_a_complete_register_makes_a_lone_name_a_proof(register: Register) -> None:
    """In a part of the register somebody else may bear it as well."""
    register.load(ACME, *OTHERS, complete=None)
    alone = {"name": "株式会社山川運輸"}
    assert register.completed(**alone).corporate_number == ""
    assert register.known().match.outcome is Outcome.REVIEW
    assert register.load(*OTHERS, complete=True).complete
    assert register.completed(**alone).corporate_number == number(4)


def test_a_name_with_more_bearers_than_are_fetched_has_no_lone_one(register: Register) -> None:
    """The one that is near may not be the only one that is."""
    limit = RULES.companies.block_limit
    many = [f"{number(place)},株式会社同名,,,,{ELSEWHERE}" for place in range(100, 100 + limit)]
    register.load(*many, f"{number(1)},株式会社同名,,,,{SPOT}")
    found = register.completed(name="株式会社同名", address="東京都港区")
    assert found.corporate_number == ""


def test_a_branch_has_the_number_but_not_the_names(register: Register) -> None:
    """It is the same legal person and another record."""
    register.load(ACME)
    found = register.completed(name="株式会社アクメ 大阪支店", address=SPOT)
    assert found.corporate_number == number(1)
    assert (found.former_names, found.name_english) == ((), "")


def test_a_hidden_company_is_found_by_its_number_only(register: Register) -> None:
    """Its publisher keeps it out of searches."""
    register.path.write_text(
        f"法人番号,商号,所在地,検索対象除外\n{number(1)},株式会社アクメ,{SPOT},1\n", encoding="utf-8"
    )
    source = RegisterSource(path=register.path, complete=True)
    with register.store.lease("test") as lease:
        reference_load.load(register.store, lease, source, RULES.companies, NOW, lambda *_: None)
    assert register.completed(name="株式会社アクメ", address=SPOT).corporate_number == ""
    assert register.known().match.outcome is Outcome.NEW
    register.completed(name="アクメ", corporate_number=number(1))
    assert register.known().match.outcome is Outcome.AUTO


def test_what_was_looked_up_is_not_looked_up_again(register: Register) -> None:
    """Until the record or the rules change; a second pass writes nothing."""
    register.load(ACME, *OTHERS)
    first = register.completed(name="㈱アクメ", address=SPOT)
    with statements(register.store) as asked:
        assert register.completed(name="㈱アクメ", address=SPOT) == first
    assert not [one for one in asked if "reference_key" in one or one.startswith(("INSERT", "DELETE"))]
    assert register.completed(name="㈱アクメ", address=ELSEWHERE).corporate_number == ""
    with register.store.begin() as tx:
        other = IdentityRules(companies=CompanyRules(auto_from=99))
        (found,) = reference.completed(tx, [company("㈱アクメ", address=SPOT)], other, NOW)
    assert found.corporate_number == ""


def test_who_only_looks_keeps_nothing(register: Register) -> None:
    """`explain` compares within a reading transaction."""
    register.load(ACME)
    with register.store.read() as tx:
        (found,) = reference.completed(tx, [company("㈱アクメ", address=SPOT)], RULES, NOW)
        assert found.corporate_number == number(1)
        assert reference.known(tx, ["crm:Account:1"]) == {}


def waiting(store: Store) -> list[str]:
    """Companies to be unified, which are then taken as done."""
    with store.begin() as tx:
        refs = unmatched.take(tx, Kind.ACCOUNT, 100)
        unmatched.done(tx, refs)
    return refs


def unify(register: Register, *companies: Company) -> None:
    """What a cycle does with these: completed, keys kept, done."""
    matching = reference.CompanyMatching(RULES.companies)
    with register.store.begin() as tx:
        accounts = [Account(ref=Ref.parse(one.ref), name=one.name, modified_at=NOW) for one in companies]
        mirror.save(tx, accounts)
        found = reference.completed(tx, companies, RULES, NOW)
        kept = kept_of(Kind.ACCOUNT, matching, matching.each_normalised(found))
        match_keys.save(tx, {one.ref: each for one, each in zip(found, kept, strict=True)})
    waiting(register.store)


def test_a_change_of_the_register_concerns_those_that_it_could_be(register: Register) -> None:
    """By name, by the company found, by number; nobody else is looked up again."""
    everybody = (
        company("㈱アクメ", "crm:Account:1", address=SPOT),
        company("山川運輸", "crm:Account:2", address=ELSEWHERE),
        company("新参", "crm:Account:3", address=SPOT),
        company("別名", "crm:Account:4", corporate_number=number(7)),
        company("無関係", "crm:Account:5"),
    )
    unify(register, *everybody)
    assert register.load(ACME, *OTHERS).waiting == 5
    assert len(waiting(register.store)) == 5
    unify(register, *everybody)

    loaded = register.load(ACME, *OTHERS, complete=None)
    assert (loaded.added, loaded.changed, loaded.removed, loaded.waiting, loaded.complete) == (0, 0, 0, 0, True)
    assert waiting(register.store) == []

    assert register.load(f"{number(8)},株式会社新参,,,,{SPOT}", complete=None).added == 1
    assert "crm:Account:3" in (refs := waiting(register.store))
    assert not {"crm:Account:2", "crm:Account:4", "crm:Account:5"} & set(refs)
    unify(register, *everybody)
    assert register.known("crm:Account:3").match.number == number(8)

    register.load(f"{number(1)},株式会社新アクメ,,,,{ELSEWHERE}", f"{number(7)},株式会社七,,,,", complete=None)
    assert {"crm:Account:1", "crm:Account:4"} <= set(waiting(register.store))
    with register.store.read() as tx:
        assert reference_matches.of(tx, ["crm:Account:1", "crm:Account:4"]) == {}


def test_replacing_takes_away_what_the_file_lacks(register: Register) -> None:
    """Former names that only earlier files told go too; what stays is not written again."""
    register.load(ACME, *OTHERS)
    loaded = register.load(*OTHERS[:2], f"{number(1)},株式会社アクメ,,,,{SPOT}", replace=True, complete=None)
    assert (loaded.added, loaded.changed, loaded.removed, loaded.companies) == (0, 1, 1, 3)
    assert not loaded.complete
    assert register.completed(name="旧山商事㈱", address=SPOT).corporate_number == ""
    assert register.completed(name="株式会社山川運輸", address=ELSEWHERE).corporate_number == ""


def test_earlier_rows_of_a_number_are_former_names_within_a_file_and_across_files(register: Register) -> None:
    """A later file that names the company otherwise makes the name until then a former one."""
    register.load(f"{number(1)},株式会社甲,,,,{SPOT}", f"{number(1)},株式会社乙,,,,{SPOT}")
    register.load(f"{number(1)},株式会社丙,,,,{SPOT}")
    with register.store.read() as tx:
        known = tables.load(tx, [number(1)])[number(1)]
    assert (known.name, known.former_names) == ("株式会社丙", ("株式会社乙", "株式会社甲"))
    for name in ("株式会社甲", "株式会社乙", "株式会社丙"):
        assert register.completed(name=name, address=SPOT).corporate_number == number(1)


def test_a_load_that_broke_off_is_known_and_the_next_one_heals_it(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read stays without its keys; until the next load nothing is concluded from who is missing."""
    monkeypatch.setattr(reference_load, "ROWS_AT_ONCE", 2)

    def breaking(*_: object) -> None:
        raise KeyboardInterrupt

    source = RegisterSource(path=register.path, complete=True)
    register.path.write_text("\n".join((HEADER, ACME, *OTHERS)), encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), register.store.lease("test") as lease:
        reference_load.load(register.store, lease, source, RULES.companies, NOW, breaking)
    with register.store.read() as tx:
        state = tables.state(tx)
        assert state is not None
        assert (state.loading, state.complete) == (True, False)
        assert tables.count(tx) == 2
    assert register.completed(name="㈱アクメ", address=SPOT).corporate_number == ""

    loaded = register.load(ACME, *OTHERS)
    assert (loaded.added, loaded.companies, loaded.complete) == (2, 4, True)
    with register.store.begin() as tx:
        reference_matches.forget_all(tx)
    assert register.completed(name="㈱アクメ", address=SPOT).corporate_number == number(1)


def test_keys_of_another_version_are_made_anew(register: Register) -> None:
    """Until then a lone name proves nothing."""
    register.load(ACME, *OTHERS)
    with register.store.begin() as tx:
        state = tables.state(tx)
        assert state is not None
        tables.put_state(tx, state.model_copy(update={"keys": "older"}))
        tx.connection.exec_driver_sql("DELETE FROM reference_key")
    assert register.completed(name="株式会社山川運輸").corporate_number == ""
    with register.store.lease("test") as lease:
        assert reference_load.rebuild(register.store, lease, RULES.companies, lambda *_: None) == 4
    assert register.completed(name="株式会社山川運輸").corporate_number == number(4)


def test_others_may_write_while_a_register_is_loaded(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever takes time – reading the file, making keys, between two portions of them – keeps nobody waiting."""
    monkeypatch.setattr(reference_load, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(reference_load, "PLACED_AT_ONCE", 3)
    made, staged = reference_load.register_keys, tables.staged
    turns: list[str] = []
    others = Store.open(register.store.engine.url.render_as_string(hide_password=False))

    def someone_writes(when: str) -> None:
        with others.begin() as tx:
            unmatched.add_beside(tx, Kind.PERSON, [f"crm:Contact:{len(turns)}"])
        turns.append(when)

    def making(*given: Any) -> list[str]:
        someone_writes("making")
        return made(*given)

    def placing(*given: Any) -> Iterator[tables.Portion]:
        for portion in staged(*given):
            someone_writes("placing")
            yield portion

    monkeypatch.setattr(reference_load, "register_keys", making)
    monkeypatch.setattr(tables, "staged", placing)
    register.load(ACME, *OTHERS)
    assert set(turns) == {"making", "placing"}
    turns.clear()
    with register.store.lease("test") as lease:
        told = lambda *_: someone_writes("told")  # noqa: E731 -- of any signature
        reference_load.rebuild(register.store, lease, RULES.companies, told)
    assert set(turns) == {"making", "told", "placing"}
    others.close()
    assert register.completed(name="株式会社山川運輸").corporate_number == number(4)


def test_a_rebuild_that_breaks_off_is_told_and_can_be_given_again(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then a lone name proves nothing, and what is found by more is found as before."""
    register.load(ACME, *OTHERS)
    monkeypatch.setattr(reference_load, "PLACED_AT_ONCE", 3)
    place, calls = tables.place_keys, iter(range(3))

    def breaking_off(*given: Any, **more: Any) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        place(*given, **more)

    with monkeypatch.context() as patch, register.store.lease("test") as lease:
        patch.setattr(tables, "place_keys", breaking_off)
        with pytest.raises(KeyboardInterrupt):
            reference_load.rebuild(register.store, lease, RULES.companies, lambda *_: None)
    with register.store.read() as tx:
        state = tables.state(tx)
    assert state is not None
    assert state.keys == ""
    assert register.completed(name="株式会社山川運輸").corporate_number == ""
    assert register.completed(name="㈱アクメ", address=SPOT).corporate_number == number(1)
    with register.store.lease("test") as lease:
        assert reference_load.rebuild(register.store, lease, RULES.companies, lambda *_: None) == 4
    assert register.completed(name="株式会社山川運輸").corporate_number == number(4)


def test_a_load_that_breaks_off_while_keys_take_their_place_is_finished_by_the_next(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all of its keys, and none of a company that is gone."""
    monkeypatch.setattr(reference_load, "PLACED_AT_ONCE", 3)
    register.load(ACME)
    place, calls = tables.place_keys, iter(range(2))

    def breaking_off(*given: Any, **more: Any) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        place(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(tables, "place_keys", breaking_off)
        with pytest.raises(KeyboardInterrupt):
            register.load(*OTHERS, replace=True)
    assert register.completed(name="株式会社山川運輸").corporate_number == ""
    register.load(*OTHERS, replace=True)
    assert register.completed(name="株式会社山川運輸").corporate_number == number(4)
    with register.store.read() as tx:
        companies = tx.connection.exec_driver_sql("SELECT DISTINCT number FROM reference_key ORDER BY number").scalars()
        assert sorted(map(str, companies)) == sorted(number(place) for place in (2, 3, 4))


def test_rebuilding_nothing_is_explained(register: Register) -> None:
    """A register is loaded first."""
    with register.store.lease("test") as lease, pytest.raises(ConfigurationError, match="No register"):
        reference_load.rebuild(register.store, lease, RULES.companies, lambda *_: None)


def test_chunks_make_no_difference(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of one company in two chunks are one company, and loading them again changes nothing."""
    monkeypatch.setattr(reference_load, "ROWS_AT_ONCE", 1)
    lines = (ACME, *OTHERS, ACME.replace("株式会社アクメ", "株式会社新アクメ"), ACME.replace("Acme", "Akume"))
    for replace in (False, False, True):
        register.load(*lines, replace=replace)
        with register.store.read() as tx:
            known = tables.load(tx, [number(1)])[number(1)]
        assert (known.name, known.former_names) == ("株式会社新アクメ", ("旧山商事株式会社", "株式会社アクメ"))
    again = register.load(*lines)
    assert (again.added, again.changed, again.removed, again.waiting) == (0, 0, 0, 0)


@pytest.mark.parametrize("at_once", [False, True])
def test_nothing_is_kept_of_a_record_that_is_gone(register: Register, *, at_once: bool) -> None:
    """It is in no list and no number of those that were looked up, until it comes back."""
    register.load(ACME)
    account = Account(ref=Ref("crm", "Account", "1"), modified_at=NOW, name="株式会社アクメ", address=SPOT)
    found = []
    for deleted in (False, True, False):
        with register.store.begin() as tx:
            mirror.save(tx, [account.model_copy(update={"deleted": deleted})])
            placing = Placing.of(tx, Kind.ACCOUNT, RULES, NOW)
            if at_once:
                first_load(placing, Silent(), 1)
            place(placing, Silent())
            found.append(reference_matches.count(tx))
    assert found == [{"auto": 1}, {}, {"auto": 1}]
