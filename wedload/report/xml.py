"""XML for build servers: text that it can hold, class names, and the document. Pure.

Element order and attributes are those that both the schema of Ant's reports and Jenkins' own allow.
Source: Ant's `junitreport` and https://llg.cubic.org/docs/junit/.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

#: what XML 1.0 cannot hold, not even escaped. Source: https://www.w3.org/TR/xml/#charsets
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(value: object) -> str:
    """A text without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", str(value))


def class_name(plan: str) -> str:
    """What test cases of a plan belong to; a dot would make a package of its beginning."""
    return xml_text(f"wedload.{plan.replace('.', '_')}")


def document(root: ET.Element) -> str:
    """The whole document, indented."""
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
