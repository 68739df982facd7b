"""
The AWS query protocol, which AWS STS speaks: a form goes in, and XML comes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from attrs import AttrsInstance

from kmsmodel.calls.call import Call
from kmsmodel.errors import KmsError
from kmsmodel.hsm.secret import Secret
from kmsmodel.sts.refusals import InvalidAction, StsError, as_of_sts
from kmsmodel.sts.requests import AssumeRoleRequest, Response
from kmsmodel.sts.sessions import assume_role, get_caller_identity
from kmsmodel.wire import HttpResponse
from kmsmodel.words import structures

CONTENT_TYPE = "application/x-www-form-urlencoded"

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def answer(parameters: Mapping[str, str], call: Call, secret: Secret) -> Response | StsError:
    """
    The answer to one request, whose parameters are flat: ``Tags.member.1.Key``. An error is an answer too.

    ``secret`` is what session tokens are sealed under.
    """
    action = parameters.get("Action", "")
    members = nested(parameters)
    try:
        match action:
            case "AssumeRole":
                return assume_role(structures.read(AssumeRoleRequest, members), call, secret)
            case "GetCallerIdentity":
                return get_caller_identity(call)
            case _:
                version = parameters.get("Version", "")
                return InvalidAction(f"Could not find operation {action} for version {version}")
    except StsError as error:
        return error
    except KmsError as error:
        return as_of_sts(error)


def parse_form(body: bytes) -> dict[str, str]:
    """The parameters of a form. What is not one has none."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


_MOST_FIELDS = 1000


def nested(parameters: Mapping[str, str]) -> dict[str, Any]:
    """The members that parameters of the query protocol stand for: lists have ``.member.1`` in their names."""
    found: dict[str, Any] = {}
    lists: dict[str, dict[int, Any]] = {}
    for name, value in parameters.items():
        of_a_list = _OF_A_LIST.fullmatch(name)
        if of_a_list is None:
            found[name] = (
                int(value) if name == "DurationSeconds" and _NUMBER.fullmatch(value) else value
            )
            continue
        list_name, place, member = of_a_list.groups()
        items = lists.setdefault(list_name, {})
        if member is None:
            items[int(place)] = value
        else:
            item = items.setdefault(int(place), {})
            if isinstance(item, dict):
                item[_MEMBER_NAMES.get(member, member)] = value
    return found | {name: [items[each] for each in sorted(items)] for name, items in lists.items()}


_OF_A_LIST = re.compile(r"(\w+)\.member\.([0-9]{1,4})(?:\.(\w+))?", re.ASCII)
_NUMBER = re.compile("[0-9]{1,9}")
_MEMBER_NAMES = {"arn": "Arn"}


def render(answered: Response | StsError, request_id: str) -> HttpResponse:
    """The answer on the wire, in XML."""
    if isinstance(answered, StsError):
        root = ET.Element("ErrorResponse", xmlns=_NAMESPACE)
        error = ET.SubElement(root, "Error")
        for name, text in (
            ("Type", "Sender"),
            ("Code", answered.code),
            ("Message", answered.message),
        ):
            ET.SubElement(error, name).text = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
        ET.SubElement(root, "RequestId").text = request_id
        return _http(answered.http_status, root, request_id)
    action = type(answered).__name__.removesuffix("Response")
    root = ET.Element(f"{action}Response", xmlns=_NAMESPACE)
    _write(ET.SubElement(root, f"{action}Result"), members(answered))
    ET.SubElement(ET.SubElement(root, "ResponseMetadata"), "RequestId").text = request_id
    return _http(HTTPStatus.OK, root, request_id)


_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def members(answered: AttrsInstance) -> dict[str, Any]:
    """An answer as an AWS SDK for Python gives it."""
    return structures.to_members(answered)


def _write(element: ET.Element, members: Mapping[str, Any]) -> None:
    for name, value in members.items():
        child = ET.SubElement(element, name)
        if isinstance(value, Mapping):
            _write(child, cast("Mapping[str, Any]", value))
        elif isinstance(value, datetime):
            child.text = value.strftime("%Y-%m-%dT%H:%M:%SZ")
        else:
            child.text = str(value)


def _http(status: int, root: ET.Element, request_id: str) -> HttpResponse:
    body = ET.tostring(root, encoding="utf-8")
    headers = (
        ("x-amzn-RequestId", request_id),
        ("Content-Type", "text/xml"),
        ("Content-Length", str(len(body))),
    )
    return HttpResponse(status=status, headers=headers, body=body)
