"""A scene as the programs beside `stalled` need it: losses, contracts, leads, visits, and what happens after the start.

Used by `case.arrange`. `then` and `wait` say what a test has to let happen after the first cycle.
"""

from typing import Any

from connector.sandbox.company.batch import Row
from connector.sandbox.company.plants.scene import Scene
from connector.sandbox.company.visits import SITE, Visit

MODEST_AMOUNT = 900_000
"""Below every planted deal of `stalled`, which comes first where room is short."""
OPEN_NEED = "来期の予算で改めて検討したい"
HOOK = "法改正に合わせた新機能のご案内"


class PracticeScene(Scene):
    """The records of one case, and what is to happen to them later."""

    acts: list[Row]
    visits: list[Visit]
    joined: list[str]
    days: int
    has_deal: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        self.acts, self.visits, self.joined, self.days, self.has_deal = [], [], [], 0, True
        self.worth(MODEST_AMOUNT)

    # -- deals and contracts -------------------------------------------------------------------------------------------

    def no_deal(self) -> None:
        """The account has no deal at all."""
        self.drop_role()
        self.batch.rows["salesforce", "Opportunity"].remove(self.deal)
        del self.salesforce["Opportunity"]
        self.check["WhoId"] = self.contact["Id"]
        self.has_deal = False

    def lost(self, days_ago: int, reason: str | None, **values: Any) -> Row:
        """The deal was lost; the last talk was a month before."""
        row = self.set_stage("失注", days_ago, Lost_Reason__c=reason, **values)
        self.met(days_ago + 30)
        return row

    def won(self, days_ago: int, contract_end: int | None, **values: Any) -> Row:
        """The deal was won; the contract ends so many days ago (negative: ahead), or nobody noted when."""
        row = self.set_stage("受注", days_ago, **values)
        self.met(days_ago + 5)
        self.under_contract(contract_end)
        return row

    def under_contract(self, contract_end: int | None) -> None:
        self.account["Contract_End__c"] = None if contract_end is None else self.day(contract_end)

    def plan(self, date_ago: int, **values: Any) -> None:
        """次回アプローチ日 with its hook; negative days are ahead."""
        given = {"Next_Approach_Date__c": self.day(date_ago), "Approach_Hook__c": HOOK}
        self.deal.update(given | {"Approach_Contact__c": self.contact["Name"]} | values)

    def talked(self, days_ago: int) -> None:
        """A meeting with the person that led to no deal."""
        self.met(days_ago, WhatId=self.account["Id"] if not self.has_deal else None)

    # -- people --------------------------------------------------------------------------------------------------------

    def lead(self, **values: Any) -> Row:
        """A lead in place of deal and contact; the HubSpot twin is the lead's."""
        self.no_deal()
        person = self.customer.humans[0].person
        row = self.registry.lead(self.customer, person, self.at(3))
        row.update({"Status": "Open - Not Contacted", "DoNotCall": 0, "HasOptedOutOfEmail": 0} | values)
        row["_truth_id"] = self.contact["_truth_id"]
        self.batch.rows["salesforce", "Contact"].remove(self.contact)
        self.customer.humans[0].salesforce = row
        self.contact = row
        self.salesforce.pop("Contact")
        self.salesforce["Lead"] = self.check["WhoId"] = row["Id"]
        self.twin.update(salesforcecontactid=None, salesforceleadid=row["Id"])
        return row

    def colleague(self) -> tuple[Row, Row]:
        """One more contact of the account with a HubSpot twin, named in the truth."""
        contact, twin = self.person()
        self.salesforce.setdefault("OtherContact", contact["Id"])
        self.hubspot.setdefault("OtherContact", twin["id"])
        return contact, twin

    def visited(self, *, days_ago: int, pages: tuple[str, ...], score: int = 90, twin: Row | None = None) -> None:
        """Pages that the person opened in the past, minutes apart."""
        row = twin or self.twin
        for place, page in enumerate(pages):
            moment = self.at(days_ago, 10, 5 * place)
            self.visits.append(Visit(row["id"], moment, SITE + page, score))
            if moment >= (row.get("hs_analytics_last_visit_timestamp") or ""):
                row.update(hs_analytics_last_url=SITE + page, hs_analytics_last_visit_timestamp=moment)
            row["hs_analytics_num_page_views"] = int(row.get("hs_analytics_num_page_views") or 0) + 1
            row["updatedAt"] = row["lastmodifieddate"] = max(row["updatedAt"], moment)

    # -- what is to happen after the first cycle -----------------------------------------------------------------------

    def then(self, action: str, *, actor: str | None = None, **details: Any) -> None:
        """An act to be posted after the first cycle, as `POST /act` takes it."""
        self.acts.append({"action": action, "actor": actor or self.owner["Id"], **details})

    def browses(self, *pages: str, twin: Row | None = None, **details: Any) -> None:
        """The person opens these pages after the first cycle."""
        row = twin or self.twin
        for page in pages:
            self.then("visit_page", actor=row["id"], url=SITE + page, **details)

    def wait(self, days: int) -> None:
        """The expectation holds so many days after the first cycle."""
        self.days = days

    # -- what is expected ----------------------------------------------------------------------------------------------

    def expect_task(self, subject: str, **fields: Any) -> None:
        """The task's subject and what must be so: `OwnerId`, `WhoId`, `ActivityDate`, or `role` of its owner."""
        self.check |= {"subject": subject, **fields}

    def expect_alert(self, *users: str) -> None:
        """Who must be told (or, where no alert is expected, must not)."""
        self.check["to"] = list(users)

    def expect_field(self, place: tuple[str, str, str], field: str, **how: Any) -> None:
        """A value in a record (system, object, id): `value`, `contains`, `filled` or `between` two days."""
        system, object_, record_id = place
        self.check.setdefault("fields", []).append(
            {"system": system, "object": object_, "id": record_id, "field": field, **how}
        )

    def expect_account_field(self, field: str, **how: Any) -> None:
        self.expect_field(("salesforce", "Account", self.account["Id"]), field, **how)

    def superior(self, user_id: str) -> str:
        return str(self.org.user(user_id)["ManagerId"])
