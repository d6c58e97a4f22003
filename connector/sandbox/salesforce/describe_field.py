"""One field as a describe answers it, with every key that real describes carry.

Used by `describe`.
"""

from typing import Any, Final

from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.standard import DEFAULT_TASK_PRIORITY, DEFAULT_TASK_STATUS

_SOAP_TYPES: Final = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
    "anyType": "xsd:anyType",
}
_DEFAULT_VALUES: Final = {DEFAULT_TASK_STATUS, DEFAULT_TASK_PRIORITY, "Busy", "0"}  # the last two are an event's
_ALWAYS_FALSE: Final = (
    "aiPredictionField",
    "autoNumber",
    "calculated",
    "cascadeDelete",
    "caseSensitive",
    "dependentPicklist",
    "deprecatedAndHidden",
    "displayLocationInDecimal",
    "encrypted",
    "formulaTreatNullNumberAsZero",
    "highScaleNumber",
    "htmlFormatted",
    "restrictedDelete",
    "writeRequiresMasterRead",
)
_ALWAYS_NULL: Final = (
    "calculatedFormula",
    "controllerName",
    "defaultValueFormula",
    "filteredLookupInfo",
    "inlineHelpText",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipOrder",
)
_PEOPLE: Final = frozenset({"Contact", "Lead", "User"})
_NAME_PARTS: Final = frozenset({"FirstName", "LastName", "Salutation"})
_ADDRESS_PARTS: Final = ("Street", "City", "State", "PostalCode", "Country")
_NOT_LOOKED_UP: Final = frozenset({"MasterRecordId", "RecordTypeId", "RecurrenceActivityId"})


def field_describe(table: SObject, field: Field) -> dict[str, Any]:
    """All facts of one field."""
    textual = field.length and field.type != "int"
    return {
        **dict.fromkeys(_ALWAYS_FALSE, False),
        **dict.fromkeys(_ALWAYS_NULL),
        "aggregatable": field.has("aggregatable"),
        "byteLength": (field.length if field.type in {"id", "reference"} else field.length * 3) if textual else 0,
        "compoundFieldName": _compound(table, field),
        "createable": field.has("createable"),
        "custom": field.custom,
        "defaultValue": _default(field),
        "defaultedOnCreate": field.has("defaulted"),
        "digits": 8 if field.type == "int" else 0,
        "externalId": field.has("external_id"),
        "extraTypeInfo": _extra(table, field),
        "filterable": field.has("filterable"),
        "groupable": field.has("groupable"),
        "idLookup": field.has("id_lookup"),
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.has("name_field"),
        "namePointing": field.polymorphic,
        "nillable": field.has("nillable"),
        "permissionable": field.has("nillable") and field.has("createable"),
        "picklistValues": [
            {
                "active": True,
                "defaultValue": value == _default(field),
                "label": value,
                "validFor": None,
                "value": value,
            }
            for value in field.picklist
        ],
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "queryByDistance": field.type == "address",
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.has("restricted"),
        "scale": field.scale,
        "searchPrefilterable": _looked_up(field),
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.has("sortable"),
        "type": field.type,
        "unique": field.has("unique"),
        "updateable": field.has("updateable"),
    }


def _compound(table: SObject, field: Field) -> str | None:
    """The field that this one is a part of: a person's name, or an address."""
    if (table.name in _PEOPLE and field.name in _NAME_PARTS) or (table.name, field.name) == ("Account", "Name"):
        return "Name"
    if field.name in {"FiscalQuarter", "FiscalYear"}:
        return "Fiscal"
    wholes = (one.name for one in table.fields if one.type == "address")
    parts = {whole.removesuffix("Address") + part: whole for whole in wholes for part in _ADDRESS_PARTS}
    return parts.get(field.name)


def _extra(table: SObject, field: Field) -> str | None:
    if table.name in _PEOPLE and field.name in {*_NAME_PARTS, "Name"}:
        return "personname"
    if (table.name, field.name) == ("Account", "Name"):
        return "switchablepersonname"  # the name of a company, or of a person where the org has accounts for these
    return "plaintextarea" if field.type == "textarea" else None


def _default(field: Field) -> Any:
    """What a new record gets: the marked value of a picklist, false for a check box."""
    if field.type == "boolean":
        return False
    return next((value for value in field.picklist if field.has("defaulted") and value in _DEFAULT_VALUES), None)


def _looked_up(field: Field) -> bool:
    """Whether people choose the other record in a look-up field."""
    chosen_once = field.has("createable") and not field.has("updateable")
    return field.type == "reference" and field.has("nillable") and field.name not in _NOT_LOOKED_UP and not chosen_once
