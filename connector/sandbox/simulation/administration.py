"""What happens to the company itself on one day: people leave, deals change hands, leads are entered, statuses edited.

Called by the simulation on business days.
"""

from connector.sandbox.simulation.workday import Row, Workday

_STATUS_EDITS = 1 / 1_500
_STATUSES = ("不適合", "登録保存", "ワーキング", "現在の顧客", "失注案件")
_ENTERED = 0.5
"""Share of the web's new people whom somebody enters on a day."""
_HANDED_OVER = 0.04
"""Share of a leaver's deals that somebody takes over on a day."""


def administer(day: Workday) -> None:
    """Leavers, reassignments, new leads, and the statuses that people set by hand."""
    if day.number in day.habits.leavers:
        _leave(day, "FieldSales")
    if day.number in day.habits.inside_leavers:
        _leave(day, "InsideSales")
    _reassign(day)
    _enter_leads(day)
    _edit_statuses(day)


def _leave(day: Workday, role: str) -> None:
    """The last one leaves while somebody stays; both systems know it the same day."""
    staff = day.staff(role)
    if len(staff) < 2:
        return
    gone = staff[-1]["Id"]
    email = day.rows('SELECT "Email" FROM "salesforce_User" WHERE "Id" = ?', gone)[0]["Email"]
    day.world.update("salesforce", "User", gone, {"IsActive": 0}, gone)
    for owner in day.rows('SELECT "id" FROM "hubspot_owners" WHERE "email" = ? COLLATE NOCASE', email):
        day.world.update("hubspot", "owners", owner["id"], {"archived": 1}, gone)


def _reassign(day: Workday) -> None:
    """Deals change hands now and then; those of a leaver one after the other."""
    sql = (
        'SELECT o."Id", o."OwnerId", u."IsActive" FROM "salesforce_Opportunity" o JOIN "salesforce_User" u'
        ' ON u."Id" = o."OwnerId" WHERE o."IsClosed" = 0 AND o."IsDeleted" = 0 ORDER BY o."Id"'
    )
    deals, sellers = day.rows(sql), day.staff("FieldSales")
    manager = day.staff("SalesManager")[0]["Id"]
    orphans = [deal for deal in deals if not deal["IsActive"]]
    moved = day.some(deals, len(deals) * day.habits.reassigned / 100) + day.some(orphans, len(orphans) * _HANDED_OVER)
    for deal in moved:
        others = [one["Id"] for one in sellers if one["Id"] != deal["OwnerId"]]
        values = {"OwnerId": day.rng.choice(others)}
        day.do("update", manager, object="Opportunity", id=deal["Id"], values=values)


def _enter_leads(day: Workday) -> None:
    """New people of the web come into the SFA as leads, with the id that links both."""
    left: list[tuple[str, int]] = []
    for contact, since in day.memory.people:
        if since == day.number or not day.happens(_ENTERED):
            left.append((contact, since))
            continue
        (row,) = day.rows('SELECT * FROM "hubspot_contacts" WHERE "id" = ?', contact)
        _enter(day, row)
    day.memory.people[:] = left


def _enter(day: Workday, row: Row) -> None:
    reps = day.staff("InsideSales")
    actor = day.rng.choice(reps)["Id"]
    values = {
        "LastName": row["lastname"], "FirstName": row["firstname"], "Company": row["company"], "Email": row["email"],
        "LeadSource": "Web", "Status": "Open - Not Contacted", "OwnerId": actor,
    }  # fmt: skip
    made = day.do("create", actor, object="Lead", values=values, same_as=f"hubspot:contacts:{row['id']}")
    if made:
        linked = {"salesforceleadid": made["Lead"]}
        day.do("update", actor, vendor="hubspot", object="contacts", id=row["id"], values=linked)


def _edit_statuses(day: Workday) -> None:
    accounts = day.rows('SELECT "Id" FROM "salesforce_Account" WHERE "IsDeleted" = 0 ORDER BY "Id"')
    for account in day.some(accounts, len(accounts) * _STATUS_EDITS):
        values = {"Account_Status__c": day.rng.choice(_STATUSES)}
        actor = day.rng.choice(day.staff("FieldSales"))["Id"]
        day.do("update", actor, object="Account", id=account["Id"], values=values)
