"""A record in the SFA for somebody whom the MA alone knows: at the company if the SFA has that, else as a lead.

The program of hand-overs asks here, once it is sure that none of the case's records is the SFA's.
"""

from connector.model.intents import CreateRecord
from connector.model.records import Ref
from connector.programs.practice.interest import Interest
from connector.programs.practice.leads import stated
from connector.programs.practice.settings import Settings

COPIED = (
    "given_name",
    "family_name_kana",
    "given_name_kana",
    "email",
    "phone",
    "mobile",
    "title",
    "lead_source",
    "needs_type",
    "heat",
    "product",
)
"""Properties that are taken over as they are."""


class Objects(Settings):
    """What the SFA calls a new person: at a company that it knows, and at any other."""

    at_account: str = "Contact"
    otherwise: str = "Lead"


def new_person(interest: Interest, objects: Objects, owner: Ref | None) -> CreateRecord:
    """The record to be made, once for this person.

    A person needs a family name and a lead a company: where nobody knows them they are 不明, never invented.
    """
    case, unknown, system = interest.case, interest.practice.texts["unknown"], interest.practice.tasks.system
    found = {name: stated(case, name) for name in COPIED}
    values: dict[str, object] = {name: value[0] for name, value in found.items() if value}
    family = stated(case, "family_name") or stated(case, "name")
    values["family_name"] = family[0] if family else unknown
    account = next((one.ref for one in case.accounts if one.ref.system == system), None)
    if account:
        values["account"] = account
    else:
        company, named = stated(case, "company_name"), case.account.name if case.account else None
        values["company_name"] = company[0] if company else named or unknown
    if owner:
        values["owner"] = owner
    object_ = objects.at_account if account else objects.otherwise
    return CreateRecord(key=f"{interest.program}:{case.ref.id}:record", system=system, object=object_, values=values)
