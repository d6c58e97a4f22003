"""One field as a describe answers it, with every key that real describes carry.

Used by `describe`.
"""

from typing import Any, Final

from connector.sandbox.salesforce.schema import Field
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
}
_DEFAULT_VALUES: Final = {DEFAULT_TASK_STATUS, DEFAULT_TASK_PRIORITY}
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
    "queryByDistance",
    "restrictedDelete",
    "writeRequiresMasterRead",
)
_ALWAYS_NULL: Final = (
    "calculatedFormula",
    "compoundFieldName",
    "controllerName",
    "defaultValueFormula",
    "filteredLookupInfo",
    "inlineHelpText",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipOrder",
)


def field_describe(field: Field) -> dict[str, Any]:
    """All facts of one field."""
    textual = field.length and field.type != "int"
    return {
        **dict.fromkeys(_ALWAYS_FALSE, False),
        **dict.fromkeys(_ALWAYS_NULL),
        "aggregatable": field.has("aggregatable"),
        "byteLength": (field.length if field.type in {"id", "reference"} else field.length * 3) if textual else 0,
        "createable": field.has("createable"),
        "custom": field.custom,
        "defaultValue": False if field.type == "boolean" else None,
        "defaultedOnCreate": field.has("defaulted"),
        "digits": 8 if field.type == "int" else 0,
        "externalId": field.has("external_id"),
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
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
                "defaultValue": value in _DEFAULT_VALUES,
                "label": value,
                "validFor": None,
                "value": value,
            }
            for value in field.picklist
        ],
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.has("restricted"),
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference",
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.has("sortable"),
        "type": field.type,
        "unique": field.has("unique"),
        "updateable": field.has("updateable"),
    }
