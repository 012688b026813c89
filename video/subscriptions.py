"""Replies of ONVIF subscriptions (PullPoint): where one lives, and what a device tells of its own start. Pure."""

from datetime import datetime

from lxml import etree

from video.soap import every, first, root_of, text_of, time_of

# ONVIF Device IO and Core: a device with monitoring events tells this one to every new subscriber at once.
_LAST_REBOOT = "Monitoring/OperatingTime/LastReboot"
_LONGEST = 2_048


def subscription_of(reply: bytes) -> str | None:
    """Return the address of a subscription that was created, or None."""
    return text_of(first(root_of(reply), "SubscriptionReference"), "Address", longest=_LONGEST)


def parameters_of(reply: bytes) -> tuple[etree._Element, ...]:
    """Return what must stand in the header of every message to a subscription (WS-Addressing reference parameters)."""
    found = first(root_of(reply), "ReferenceParameters")
    return tuple(found) if found is not None else ()


def was_pulled(reply: bytes) -> bool:
    """Return whether this answers PullMessages."""
    return first(root_of(reply), "PullMessagesResponse") is not None


def boot_of(reply: bytes) -> datetime | None:
    """Return when the device started, if one of its messages tells; None otherwise."""
    for message in every(root_of(reply), "NotificationMessage"):
        if _LAST_REBOOT in (text_of(message, "Topic") or ""):
            values = (str(item.get("Value")) for item in every(message, "SimpleItem") if item.get("Name") == "Status")
            return next((at for value in values if (at := time_of(value))), None)
    return None
