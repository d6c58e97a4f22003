"""What the practice's other programs find in an invented company: contracts, needs heard, bounces, old losses.

Called by `generate.py` once a customer, with dice of its own: the customer's deals and activities are as they were.
"""

from random import Random
from typing import Any

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.customers import Customer
from connector.sandbox.company.deals import PRODUCTS, Dates, write_deal, write_role
from connector.sandbox.company.structure import Org

OLD_LOSSES = 30_000_000_000
"""Numbers of the losses that are added: those of all other records run on as if there were none."""
_OLD_LOSS_EVERY = 9
_BY_PEOPLE = (("不適合", 0.03), ("登録保存", 0.012), ("ワーキング", 0.03), ("現在の顧客", 0.03), ("コールド", 0.03))
_QUIET = ("8", "12", "8, 12", "4, 8")
_NEEDS = ("個人興味", "個人興味", "個人ニーズ", "個人ニーズ", "部署ニーズ")
_HEATS = ("高", "中", "中", "低")
_RIVALS = ("他社クラウド", "既存ベンダー", "内製", None)
_REASONS = ("ペンディング", "ペンディング", "他社導入", "音信不通", "価格懸念", "その他", None)
_BOUNCED = 0.03
_LONG_AGO = (600, 1_060)  # days: up to three years back


def add_practice(batch: Batch, org: Org, customer: Customer, deals: list[Row], which: tuple[int, int]) -> None:
    """Complete the customer's records; `which` is seed and number."""
    seed, number = which
    rng = Random(f"{seed}:practice:{number}")
    for account in customer.accounts:
        _account(batch, rng, account, [row for row in deals if row["AccountId"] == account["Id"]])
    for deal in deals:
        _deal(rng, customer, deal)
    for human in customer.humans:
        _person(batch, rng, human.salesforce, human.hubspot, is_lead=human.is_lead)
    if customer.accounts and number % _OLD_LOSS_EVERY == 1:
        with batch.apart(OLD_LOSSES):
            _old_loss(batch, org, rng, customer)


def _account(batch: Batch, rng: Random, account: Row, deals: list[Row]) -> None:
    """Seasons, what people noted of the company, and a contract where something was bought."""
    calendar, roll = batch.calendar, rng.random()
    for status, share in _BY_PEOPLE:
        if 0 <= roll < share:
            account["Account_Status__c"] = status
        roll -= share
    account["Quiet_Months__c"] = rng.choice(_QUIET) if rng.random() < 0.1 else None
    account["Reorganisation_Date__c"] = calendar.day(rng.randint(-120, 120)) if rng.random() < 0.06 else None
    account["Next_Check_Date__c"] = calendar.day(rng.randint(-90, 60)) if rng.random() < 0.05 else None
    if any(row["IsWon"] for row in deals) and rng.random() < 0.6:
        over = rng.random() < 0.3
        account["Contract_End__c"] = calendar.day(rng.randint(5, 300) if over else -rng.randint(20, 500))
        if rng.random() < 0.5:
            account["Contract_Status__c"] = "契約終了" if over else "契約中"


def _deal(rng: Random, customer: Customer, deal: Row) -> None:
    """What the owner wrote down at a loss, or did not; and where the deal came from."""
    deal["LeadSource"] = rng.choice(("Web", "Phone Inquiry", "Partner Referral", None, None))
    if deal["StageName"] != "失注":
        return
    contacts = customer.contacts()
    reason = deal.get("Lost_Reason__c")
    if reason == "他社導入":
        deal["Lost_To__c"] = rng.choice(_RIVALS)
    if reason == "ペンディング":
        deal["Need_Confirmed__c"] = int(rng.random() < 0.4)
    if contacts and rng.random() < 0.35:
        named = rng.choice(contacts).salesforce or {}
        deal["Approach_Contact__c"] = rng.choice((named.get("Name"), f"{named.get('LastName')}様", "ご担当の方"))


def _person(batch: Batch, rng: Random, row: Row | None, twin: Row | None, *, is_lead: bool) -> None:
    """What inside sales heard in talks, and mail that did not arrive."""
    heard: dict[str, Any] = {
        "Needs_Type__c": rng.choice(_NEEDS) if rng.random() < 0.25 else None,
        "Heat__c": rng.choice(_HEATS) if rng.random() < 0.2 else None,
        "Product_Interest__c": rng.choice(PRODUCTS) if rng.random() < 0.3 else None,
    }
    bounced = batch.calendar.at(rng.randint(5, 200), 8) if rng.random() < _BOUNCED else None
    sourced = rng.choice(("ORGANIC_SEARCH", "EMAIL_MARKETING", "OFFLINE", "DIRECT_TRAFFIC", None))
    if row is not None:
        row |= heard
        if bounced and row.get("Email"):
            row |= {"EmailBouncedDate": bounced, "EmailBouncedReason": "550 5.1.1 User unknown"}
            row |= {} if is_lead else {"IsEmailBounced": 1}
            row["SystemModstamp"] = row["LastModifiedDate"] = max(row["SystemModstamp"], bounced)
    if twin is not None:
        twin["hs_analytics_source"] = sourced
        if row is None:
            twin |= {"needs_type": heard["Needs_Type__c"], "product_interest": heard["Product_Interest__c"]}
        if bounced and twin.get("email"):
            twin["hs_email_hard_bounce_reason_enum"] = rng.choice(("UNKNOWN_USER", "MAILBOX_FULL"))


def _old_loss(batch: Batch, org: Org, rng: Random, customer: Customer) -> None:
    """A deal that was lost years ago and that nobody has looked at since."""
    account, product = customer.accounts[0], rng.choice(PRODUCTS)
    age = (batch.calendar.today - batch.calendar.today.fromisoformat(account["CreatedDate"][:10])).days
    closed = min(rng.randint(*_LONG_AGO), max(age - 70, 5))
    dates = Dates(closed + rng.randint(20, 60), closed, closed)
    sellers = org.staff("FieldSales", active=rng.random() < 0.8)
    row = write_deal(
        batch, org, "Standard", dates, StageName="失注", Name=f"{account['Name'].strip()} {product}",
        AccountId=account["Id"], OwnerId=rng.choice(sellers)["Id"], Amount=rng.randint(30, 900) * 10_000,
        Product__c=product, Lost_Reason__c=rng.choice(_REASONS),
    )  # fmt: skip
    contacts = [human.salesforce for human in customer.contacts() if human.salesforce]
    if contacts and rng.random() < 0.8:
        write_role(batch, row, rng.choice(contacts), primary=True)
