"""The selling company itself: roles, users, record types, stages, task statuses, HubSpot owners.

Written once at every scale; the rest of the company asks it who sells, who calls and who has left.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.people import phone
from connector.sandbox.company.stages import STAGES
from connector.sandbox.company.vocabulary import GIVEN_NAMES, SURNAMES
from connector.sandbox.salesforce.ids import salesforce_id

DOMAIN = "hokutosei-soft.example"
_STATUSES = (("未着手", 0), ("進行中", 0), ("完了", 1), ("待機中", 0), ("延期", 0), ("対応不要", 1))
_ROLES = (
    ("CEO", "代表取締役", None),
    ("SalesManager", "営業部長", "CEO"),
    ("FieldSales", "フィールドセールス", "SalesManager"),
    ("InsideSalesManager", "インサイドセールスマネージャー", "CEO"),
    ("InsideSales", "インサイドセールス", "InsideSalesManager"),
    ("CustomerSuccess", "カスタマーサクセス", "CEO"),
)
# role, how many active, how many left, title
_STAFF = (
    ("CEO", 1, 0, "代表取締役"),
    ("SalesManager", 2, 1, "営業部長"),
    ("FieldSales", 12, 2, "営業"),
    ("InsideSalesManager", 1, 0, "インサイドセールスマネージャー"),
    ("InsideSales", 5, 1, "インサイドセールス"),
    ("CustomerSuccess", 2, 0, "カスタマーサクセス"),
)
_BEGIN = 1_200  # days ago: the org is older than any of its deals


@dataclass(frozen=True)
class Org:
    """Rows of the people and settings that the generated records refer to."""

    users: tuple[Row, ...]
    record_types: dict[str, str]
    owner_ids: dict[str, str]  # user id -> HubSpot owner id
    integration: str
    roles: dict[str, str]

    def staff(self, role: str, *, active: bool = True) -> list[Row]:
        role_id = self.roles[role]
        return [user for user in self.users if user["UserRoleId"] == role_id and bool(user["IsActive"]) is active]

    def user(self, user_id: str) -> Row:
        return next(user for user in self.users if user["Id"] == user_id)

    def name(self, user_id: str) -> str:
        return str(self.user(user_id)["Name"])


def build_org(batch: Batch, seed: int) -> Org:
    """Write the selling company into the batch."""
    rng = Random(f"{seed}:structure")
    begin = batch.calendar.at(_BEGIN)
    profile = _settings(batch, begin)
    roles: dict[str, str] = {}
    for name, label, parent in _ROLES:
        row = batch.salesforce(
            "UserRole", begin, None, Name=label, DeveloperName=name, OpportunityAccessForAccountOwner="Read"
        )
        row["ParentRoleId"] = roles.get(parent) if parent else None
        roles[name] = row["Id"]
    users = _users(batch, rng, roles, profile)
    _managers(users, roles)
    _made_by(batch, users[-1]["Id"])
    owner_ids = {user["Id"]: _owner(batch, user) for user in users if user["UserRoleId"]}
    return Org(tuple(users), _record_types(batch, begin, users[0]["Id"]), owner_ids, users[-1]["Id"], roles)


def _made_by(batch: Batch, user_id: str) -> None:
    """What was there before the first user was made by somebody too: an org has no record without an author."""
    for (vendor, _), rows in batch.rows.items():
        for row in rows if vendor == "salesforce" else ():
            row |= {name: user_id for name in ("CreatedById", "LastModifiedById") if row.get(name, user_id) is None}


def _settings(batch: Batch, begin: str) -> str:
    batch.salesforce(
        "Organization", begin, None, Id=salesforce_id("00D", 1), Name="株式会社北斗星ソフト",
        Country="JP", DefaultLocaleSidKey="ja_JP",
        TimeZoneSidKey="Asia/Tokyo", LanguageLocaleKey="ja", FiscalYearStartMonth=1,
        OrganizationType="Enterprise Edition", InstanceName="JPN1",
    )  # fmt: skip
    for order, (name, (probability, closed, won, category, label)) in enumerate(STAGES.items(), 1):
        batch.salesforce(
            "OpportunityStage", begin, None, MasterLabel=name, ApiName=name, IsActive=1, SortOrder=order,
            IsClosed=closed, IsWon=won, ForecastCategory=category, ForecastCategoryName=label,
            DefaultProbability=probability,
        )  # fmt: skip
    for order, (name, closed) in enumerate(_STATUSES, 1):
        batch.salesforce(
            "TaskStatus", begin, None, MasterLabel=name, ApiName=name, SortOrder=order,
            IsDefault=int(order == 1), IsClosed=closed,
        )  # fmt: skip
    batch.salesforce(
        "CustomNotificationType", begin, None, DeveloperName="Okoshi_Alert", CustomNotifTypeName="Okoshi_Alert",
        MasterLabel="Okoshi", Language="ja", Desktop=1, Mobile=1, IsSlack=0,
    )  # fmt: skip
    batch.salesforce("Profile", begin, None, Name="システム管理者", UserType="Standard")
    return str(batch.salesforce("Profile", begin, None, Name="標準ユーザー", UserType="Standard")["Id"])


def _record_types(batch: Batch, begin: str, by: str) -> dict[str, str]:
    found = {}
    for name, label in (("Standard", "標準商談"), ("ShortCycle", "短期商談")):
        row = batch.salesforce(
            "RecordType", begin, by, Name=label, DeveloperName=name, SobjectType="Opportunity", IsActive=1
        )
        found[name] = str(row["Id"])
    return found


def _users(batch: Batch, rng: Random, roles: dict[str, str], profile: str) -> list[Row]:
    surnames, given_names = rng.sample(SURNAMES, k=40), rng.sample(GIVEN_NAMES, k=30)
    users: list[Row] = []
    for role, active, left, title in _STAFF:
        for place in range(active + left):
            surname, given = surnames[len(users)], given_names[len(users)]
            names = {"LastName": surname[0], "FirstName": given[0], "Name": f"{surname[0]} {given[0]}"}
            address = f"{given[2]}.{surname[2]}@{DOMAIN}"
            users.append(
                _user(batch, profile, address, UserRoleId=roles[role], Title=title, IsActive=int(place < active),
                      EmployeeNumber=f"E{len(users) + 1:04d}", Phone=phone(rng, "03"), Department=title, **names)
            )  # fmt: skip
    users.append(
        _user(
            batch,
            profile,
            f"integration@{DOMAIN}",
            LastName="Integration",
            Name="Integration",
            IsActive=1,
            Title="API連携",
            UserRoleId=None,
        )
    )
    return users


def _user(batch: Batch, profile: str, address: str, **values: Any) -> Row:
    local = address.partition("@")[0]
    fields: Row = {
        "Username": f"{local}@{DOMAIN}.sandbox",
        "Email": address,
        "Alias": local[:8],
        "ProfileId": profile,
        "UserType": "Standard",
        "TimeZoneSidKey": "Asia/Tokyo",
        "LocaleSidKey": "ja_JP",
        "LanguageLocaleKey": "ja",
        "EmailEncodingKey": "UTF-8",
        "CompanyName": "株式会社北斗星ソフト",
    }
    return batch.salesforce("User", batch.calendar.at(_BEGIN - 1), None, **(fields | values))


def _managers(users: list[Row], roles: dict[str, str]) -> None:
    """Everybody's superior: field sales alternate between the two active sales managers."""
    chief = users[0]["Id"]
    sales = [user["Id"] for user in users if user["UserRoleId"] == roles["SalesManager"]]
    inside = next(user["Id"] for user in users if user["UserRoleId"] == roles["InsideSalesManager"])
    for place, user in enumerate(users):
        if user["UserRoleId"] == roles["FieldSales"]:
            user["ManagerId"] = sales[place % 2]
        elif user["UserRoleId"] == roles["InsideSales"]:
            user["ManagerId"] = inside
        elif place and user["UserRoleId"]:
            user["ManagerId"] = chief
    last_left = [user for user in users if user["UserRoleId"] == roles["FieldSales"] and not user["IsActive"]][-1]
    last_left["ManagerId"] = sales[2]  # this superior has left as well


def _owner(batch: Batch, user: Row) -> str:
    row = batch.hubspot(
        "owners", batch.calendar.at(_BEGIN - 1), email=user["Email"], firstName=user["FirstName"],
        lastName=user["LastName"], archived=int(not user["IsActive"]), type="PERSON",
    )  # fmt: skip
    row["userId"] = int(row["id"]) + 5_000_000
    return str(row["id"])
