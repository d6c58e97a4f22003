"""What 名寄せ compares: a company or a person as one system knows it, raw.

Made by whoever holds records (store, engine, benchmarks) and normalised once (`company.py`, `people.py`). Knows no
vendor and no kind of storage: `ref` is any text that is unique within the run.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company record. What the system does not know is the empty text.

    `name` may be in Japanese or Latin letters. `address` is one line, from prefecture or city on; `corporate_number`
    is the 法人番号 as typed. `parents` are refs of records that the system itself calls the parent company.
    """

    ref: str
    name: str
    name_kana: str = ""
    name_english: str = ""
    former_names: tuple[str, ...] = ()
    corporate_number: str = ""
    website: str = ""
    phone: str = ""
    mail: str = ""
    address: str = ""
    postal_code: str = ""
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Individual:
    """One person record. What the system does not know is the empty text.

    `full_name` is used where family and given name are not apart. `company_ref` is the company's ref, or better the
    name of its cluster, when the companies were matched before. `identifier` is a number that somebody gave to this
    person alone (member, customer, social security), as typed; the address is in its parts where a system has them.
    """

    ref: str
    family: str = ""
    given: str = ""
    full_name: str = ""
    family_kana: str = ""
    given_kana: str = ""
    kana: str = ""
    mail: str = ""
    phone: str = ""
    mobile: str = ""
    company_name: str = ""
    company_ref: str = ""
    title: str = ""
    birth_date: str = ""
    identifier: str = ""
    house_number: str = ""
    street: str = ""
    building: str = ""
    city: str = ""
    postal_code: str = ""
    region: str = ""
