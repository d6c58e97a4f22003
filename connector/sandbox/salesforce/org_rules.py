"""What this org's administrator has forbidden: validation rules and duplicate rules.

Called for every write, by clients and by people alike. Rules are younger than the data: a record that was there before
its rule cannot be updated until a person mends it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.sandbox.salesforce.errors import DuplicatesDetected, SalesforceError
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.world import World

Row = Mapping[str, Any]
CORPORATE_NUMBER: Final = "Corporate_Number__c"


@dataclass(frozen=True)
class ValidationRule:
    """`broken` is asked about the whole row as it would be stored."""

    object: str
    field: str
    message: str
    broken: Callable[[Row], bool]


@dataclass(frozen=True)
class DuplicateRule:
    """Records with the same value of `field` are duplicates; `only` narrows down which of them count.

    A rule that alerts can be waved through and looks at new records only; one that blocks looks at changes too.
    """

    object: str
    field: str
    name: str
    match_rule: str
    message: str
    blocks: bool = False
    only: str = "1"


def _malformed_number(row: Row) -> bool:
    number = row.get(CORPORATE_NUMBER)
    return number is not None and not re.fullmatch(r"[0-9]{13}", number)


def _negative_amount(row: Row) -> bool:
    return (row.get("Amount") or 0) < 0


VALIDATION_RULES: Final = (
    ValidationRule("Account", CORPORATE_NUMBER, "法人番号は13桁の半角数字で入力してください。", _malformed_number),
    ValidationRule("Opportunity", "Amount", "金額は0円以上で入力してください。", _negative_amount),
)
DUPLICATE_RULES: Final = (
    DuplicateRule(
        "Account",
        CORPORATE_NUMBER,
        "Account_Corporate_Number",
        "Account_Corporate_Number_Match",
        "同じ法人番号の取引先がすでにあります。",
        blocks=True,
    ),
    DuplicateRule(
        "Contact",
        "Email",
        "Standard_Contact_Duplicate_Rule",
        "Standard_Contact_Match_Rule_v1_1",
        "Use one of these records?",
    ),
    DuplicateRule(
        "Lead",
        "Email",
        "Standard_Lead_Duplicate_Rule",
        "Standard_Lead_Match_Rule_v1_0",
        "Use one of these records?",
        only='"IsConverted" IS NOT 1',
    ),
)


def refuse_invalid(table: SObject, row: Row) -> None:
    """The first validation rule that the row breaks, with the org's own message."""
    for rule in VALIDATION_RULES:
        if rule.object == table.name and rule.broken(row):
            raise SalesforceError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, (rule.field,))


def refuse_duplicates(world: World, before: Row | None, change: tuple[SObject, Row], *, allowed: bool) -> None:
    """The duplicate rule that finds this change's record a second time; `allowed` waves alerts through."""
    table, changes = change
    for rule in DUPLICATE_RULES:
        value = changes.get(rule.field)
        passes = allowed and not rule.blocks
        if rule.object != table.name or value is None or passes:
            continue
        if before is not None and (not rule.blocks or before.get(rule.field) == value):
            continue
        found = [record_id for record_id in _alike(world, rule, value) if before is None or record_id != before["Id"]]
        if found:
            told = (rule.name, rule.match_rule, rule.message)
            raise DuplicatesDetected(table.name, found, told, allow_save=not rule.blocks)


def _alike(world: World, rule: DuplicateRule, value: Any) -> list[str]:
    sql = (
        f'SELECT "Id" FROM "salesforce_{rule.object}" WHERE "{rule.field}" = ? AND "IsDeleted" IS NOT 1'
        f' AND {rule.only} AND (_visible_at IS NULL OR _visible_at <= ?) ORDER BY "Id"'
    )
    return [row[0] for row in world.tuples(sql, (value, world.now()))]
