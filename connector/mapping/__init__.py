"""What a company may want different: reads and validates `mappings/`, for every room above. Knows no vendor client."""

from connector.mapping.loader import load_mappings
from connector.mapping.schema import (
    FieldSource,
    FileObjectMapping,
    FileSystemMapping,
    Mappings,
    ObjectMapping,
    SystemMapping,
    TaskWriting,
    TeamRules,
    TouchRules,
    json_schema,
)

__all__ = [
    "FieldSource",
    "FileObjectMapping",
    "FileSystemMapping",
    "Mappings",
    "ObjectMapping",
    "SystemMapping",
    "TaskWriting",
    "TeamRules",
    "TouchRules",
    "json_schema",
    "load_mappings",
]
