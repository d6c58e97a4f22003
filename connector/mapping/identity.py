"""`mappings/identity.yaml`: what each piece of evidence weighs, and from where on two records are one.

Used by `connector/identity`. Weights are in bits: +1 makes "the same" twice as likely against "two", −1 half as likely.
"""

from pydantic import Field

from connector.mapping.identity_people import PeopleRules
from connector.model.plan import Frozen


class CompanyWeights(Frozen):
    """What a finding about one field of two companies weighs, in bits."""

    corporate_number_same: float = 24.0
    corporate_number_differs: float = -30.0
    """Two valid 法人番号: two companies, whatever else agrees."""

    parent_and_child: float = -10.0
    """The system itself calls one the other's parent company. A veto."""

    name_exact: float = 10.0
    """The same core, characters for characters (width, case, punctuation and 旧字体 aside)."""
    name_loose: float = 9.0
    """The same but for small kana, long marks, 斉/斎 and the like."""
    name_sound: float = 8.0
    """The same but for letters spelled out (NTT = エヌ・ティ・ティ)."""
    name_former: float = 8.0
    """One is a former name of the other."""
    name_english: float = 8.0
    """One is the English name of the other, letter for letter."""
    name_other_script: float = 6.5
    """Kana or English of one is the name of the other (アクメ = Acme)."""
    name_consonants: float = 5.0
    """Only the consonants of a foreign word agree (モバイル = Mobile); never linked by this name."""
    name_of_group: float = 6.0
    """The same but for words like ホールディングス and ジャパン: firms of one group, never linked unseen."""
    name_within: float = 6.0
    """A known name, followed by what looks like a site or department."""
    name_similar_most: float = 6.5
    """Similar characters: this much where nearly all agree …"""
    name_similar_least: float = 0.0
    """… and this much at `similar_from`."""
    name_differs: float = -8.0
    name_uncomparable: float = -2.0
    """Two names in two scripts (Latin letters, kana, 漢字), and nothing tells how they sound."""
    name_unknown: float = 0.0
    """One of them has no name, or stands for none (不明, テスト)."""
    word_differs: float = -1.0
    """One has a word that tells firms apart (販売, ホールディングス, 東日本, 第二); never linked unseen."""
    holding_differs: float = -1.0
    """A former name of the one is the other, and only one of them is a holding or group; never linked unseen."""
    long_mark_differs: float = -1.0
    """A ー within a word is missing in one name (エール, エル); not linked unseen by the address alone."""
    several_companies: float = -3.0
    """One name holds several companies (共同企業体, ほか)."""

    facility_differs: float = -1.0
    """Two hospitals, schools or bureaus by their names; not linked unseen, though one bearer's 法人番号 is the same."""

    form_differs: float = -6.0
    form_changed: float = -1.0
    """Two legal forms, where the names differ as well."""
    form_missing: float = -1.0
    form_shortened: float = -0.5
    """One form is a shorter way to write the other (医療法人 for 医療法人社団)."""
    position_differs: float = -2.5
    """前株 here and 後株 there."""

    unique_in_register: float = 6.0
    """No other record of a complete register bears the name."""
    only_one_near: float = 5.0
    """Of several in a complete register that bear the name, this one alone is not known to be elsewhere."""
    only_one_in_city: float = 3.0
    """Of several nearby that bear the very same name, this one alone is not known to be in another city."""
    homonym: float = -1.0
    """Times the binary logarithm of how many records bear the name."""

    kana_same: float = 2.0
    kana_differs: float = -3.0
    english_same: float = 3.0

    address_same_spot: float = 9.0
    address_same_town: float = 5.0
    address_other_block: float = 4.0
    """The same town, but another 丁目 or 番地; no proof."""
    address_same_city: float = 1.5
    address_same_prefecture: float = -2.0
    address_elsewhere: float = -8.0
    """A veto as well."""
    postal_code_same: float = 4.0
    """Of a town; no proof."""

    domain_same: float = 9.0
    domain_differs: float = -2.0
    phone_same: float = 7.0
    phone_differs: float = -1.5
    """Firms have several numbers, and sites one of their own."""


class CompanyRules(Frozen):
    """Companies: the weights, and the limits between linked, doubtful and new."""

    weights: CompanyWeights = CompanyWeights()
    similar_from: float = Field(default=0.5, ge=0, le=1)
    """Share of equal characters from which two names are compared at all."""
    alike_from: float = Field(default=0.85, ge=0, le=1)
    """Share of equal characters from which two names are one name typed in two ways, if other evidence says so."""
    auto_from: float = 14.0
    """Linked without a person from this sum on."""
    review_from: float = 0.5
    """Of a register, shown to a person from this sum on; below it the register does not have the record."""
    asked_from: float = 5.0
    """The same for two records of the systems: nobody typed one to find the other, so less is worth asking."""
    margin: float = Field(default=4.0, ge=0)
    """The best candidate must lead by this much, or a person decides."""
    certain: float = 20.0
    """Two candidates of one record are one as well from this sum on, if nothing contradicts it."""
    shown: int = Field(default=10, ge=1)
    """How many candidates a person is shown, homonyms aside."""
    homonyms_shown: int = Field(default=20, ge=1)
    """How many bearers of the very same name a person is shown."""
    block_limit: int = Field(default=30, ge=1)
    """A key that more records share brings no candidates; name and town together find one among more."""


class IdentityRules(Frozen):
    """名寄せ: companies and people."""

    companies: CompanyRules = CompanyRules()
    people: PeopleRules = PeopleRules()
