"""How an object of the standard is named here: one readable id made of owner and local id."""

from uuid import UUID


def party(country_code: str, party_id: str) -> str:
    """Return the composite id of a party, `NL*ABC`, in upper case."""
    return f"{country_code}*{party_id}".upper()


def object_id(country_code: str, party_id: str, *local_ids: str) -> str:
    """Return the composite id `NL*ABC*LOC1`, in upper case because the standard compares ids without case.

    A part of an object (an Evse, a ParkingBay) appends its own id to its parent's. An asterisk or a percent sign
    inside a local id is escaped, so that two different objects never share a composite (OCPI Locations, CiString).
    """
    return "*".join((party(country_code, party_id), *(_escaped(local) for local in local_ids)))


def part_id(parent: str, local_id: str) -> str:
    """Return the composite id of a part of `parent`: an Evse or bay of a Location, a Connector of an Evse."""
    return f"{parent}*{_escaped(local_id)}"


def local(composite: str) -> str:
    """Return the id by which its owner knows the object, or part of one, that is named `composite`; in upper case."""
    return composite.rsplit("*", 1)[-1].replace("%2A", "*").replace("%25", "%")


def owner(composite: str) -> str:
    """Return the party `NL*ABC` that owns the object named `composite`."""
    return "*".join(composite.split("*", 2)[:2])


def normalized(composite: str) -> str:
    """Return a composite id as clients may spell it, in the one spelling that is stored."""
    return composite.strip().upper()


def uuid_of(text: str) -> UUID | None:
    """Return the UUID that names an object of our own, or None if the text is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def own_uuid(composite: str) -> UUID | None:
    """Return the UUID in a composite id of an object that we name, `NL*ABC*<UUID>`, or None if it names none."""
    parts = normalized(composite).split("*")
    return uuid_of(parts[2]) if len(parts) == 3 else None


def _escaped(local_id: str) -> str:
    return local_id.upper().replace("%", "%25").replace("*", "%2A")
