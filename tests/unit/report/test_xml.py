"""XML: what it cannot hold is replaced, and the document is whole."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from wedload.report.xml import class_name, document, xml_text


def test_what_xml_cannot_hold_is_replaced():
    assert xml_text("a\x00b\ud800c\t€😀") == "a\ufffdb\ufffdc\t€😀"


def test_dots_of_a_plan_are_no_dots_of_a_class():
    assert class_name("shop.v2") == "wedload.shop_v2"


def test_a_document_begins_with_its_declaration():
    assert document(ET.Element("a")) == '<?xml version="1.0" encoding="UTF-8"?>\n<a />\n'
