"""Locations on the wire, and what they become."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from models.rules.energy_mix import EnergyMix, EnergySource, EnvironmentalImpact
from models.rules.image import Image
from models.rules.location import (
    AdditionalGeoLocation,
    BusinessDetails,
    Connector,
    ConnectorFormat,
    DisplayText,
    Evse,
    EvseParking,
    EvsePosition,
    ExceptionalPeriod,
    Location,
    OpeningTimes,
    PowerType,
    PublishToken,
    RegularHours,
    Status,
    StatusSchedule,
)
from server.ocpi.locations import OcpiLocation
from tests.server.ocpi_documents import bay, connector, evse, location

UPDATED = datetime(2026, 11, 1, 8, tzinfo=UTC)
LOGO = {"url": "https://example.com/logo.png", "category": "OPERATOR", "type": "png"}


def test_the_least_location_becomes_a_value() -> None:
    assert OcpiLocation.model_validate(location()).to_domain() == Location(
        id="NL*ABC*L1",
        country_code="NL",
        party_id="ABC",
        ocpi_id="L1",
        publish=True,
        name=None,
        address="Moezelweg 100",
        city="Rotterdam",
        postal_code=None,
        state=None,
        country="NLD",
        latitude=Decimal("51.9525"),
        longitude=Decimal("4.0483"),
        time_zone="Europe/Amsterdam",
        last_updated=UPDATED,
    )


def test_every_field_of_a_location_arrives() -> None:
    raw = location(
        publish=False,
        publish_allowed_to=[
            {"uid": "012", "type": "RFID"},
            {"visual_number": "NL-1", "issuer": "Issuer", "group_id": "G"},
        ],
        name="Maasvlakte Plaza",
        postal_code="3199 LJ",
        state="Zuid-Holland",
        related_locations=[
            {"latitude": "51.95", "longitude": "4.05", "name": {"language": "NL", "text": "Ingang"}},
            {"latitude": "51.96", "longitude": "4.06"},
        ],
        parking_type="ALONG_MOTORWAY",
        directions=[{"language": "en", "text": "Behind the hall"}],
        operator={"name": "Operator", "website": "https://example.com", "logo": LOGO},
        suboperator={"name": "#NA"},
        owner={"name": "Owner"},
        facilities=["WIFI", "SHOWER"],
        opening_times={
            "twentyfourseven": False,
            "regular_hours": [
                {"weekday": 1, "period_begin": "06:00", "period_end": "22:00"},
                {"weekday": 2, "period_begin": "06:00", "period_end": "24:00"},
            ],
            "exceptional_openings": [{"period_begin": "2026-12-24T06:00:00Z", "period_end": "2026-12-24T07:00:00Z"}],
            "exceptional_closings": [{"period_begin": "2026-12-25T00:00:00Z", "period_end": "2026-12-26T00:00:00Z"}],
        },
        charging_when_closed=False,
        energy_mix={
            "is_green_energy": True,
            "energy_sources": [{"source": "WIND", "percentage": Decimal("99.5")}],
            "environ_impact": [{"category": "CARBON_DIOXIDE", "amount": Decimal("12.5")}],
            "supplier_name": "Supplier",
            "energy_product_name": "Product",
        },
        help_phone="+31100000000",
        images=[{"url": "https://example.com/1.png", "category": "ENTRANCE", "type": "png", "width": 640}],
        field_of_an_extension={"a": 1},
    )

    assert OcpiLocation.model_validate(raw).to_domain() == Location(
        id="NL*ABC*L1",
        country_code="NL",
        party_id="ABC",
        ocpi_id="L1",
        publish=False,
        name="Maasvlakte Plaza",
        address="Moezelweg 100",
        city="Rotterdam",
        postal_code="3199 LJ",
        state="Zuid-Holland",
        country="NLD",
        latitude=Decimal("51.9525"),
        longitude=Decimal("4.0483"),
        time_zone="Europe/Amsterdam",
        last_updated=UPDATED,
        parking_type="ALONG_MOTORWAY",
        facilities=("WIFI", "SHOWER"),
        help_phone="+31100000000",
        charging_when_closed=False,
        operator=BusinessDetails(
            "Operator", "https://example.com", Image("https://example.com/logo.png", "OPERATOR", "png")
        ),
        suboperator=BusinessDetails(""),
        owner=BusinessDetails("Owner"),
        opening_times=OpeningTimes(
            twentyfourseven=False,
            regular_hours=(RegularHours(1, "06:00", "22:00"), RegularHours(2, "06:00", "24:00")),
            exceptional_openings=(
                ExceptionalPeriod(datetime(2026, 12, 24, 6, tzinfo=UTC), datetime(2026, 12, 24, 7, tzinfo=UTC)),
            ),
            exceptional_closings=(
                ExceptionalPeriod(datetime(2026, 12, 25, tzinfo=UTC), datetime(2026, 12, 26, tzinfo=UTC)),
            ),
        ),
        energy_mix=EnergyMix(
            True,
            (EnergySource("WIND", Decimal("99.5")),),
            "Supplier",
            "Product",
            (EnvironmentalImpact("CARBON_DIOXIDE", Decimal("12.5")),),
        ),
        directions=(DisplayText("en", "Behind the hall"),),
        related_locations=(
            AdditionalGeoLocation(Decimal("51.95"), Decimal("4.05"), DisplayText("nl", "Ingang")),
            AdditionalGeoLocation(Decimal("51.96"), Decimal("4.06")),
        ),
        publish_allowed_to=(
            PublishToken(uid="012", type="RFID"),
            PublishToken(visual_number="NL-1", issuer="Issuer", group_id="G"),
        ),
        images=(Image("https://example.com/1.png", "ENTRANCE", "png", width=640),),
    )


def test_every_field_of_a_charger_and_its_connectors_arrives() -> None:
    charger = evse(
        evse_id="NL*ABC*E1",
        status="OUTOFORDER",
        capabilities=["RFID_READER"],
        connectors=[
            connector(
                id="ccs*1",
                max_electric_power=1_000_000,
                tariff_ids=["charge", "CHARGE", "t*2"],
                capabilities=["ISO_15118_20_PLUG_AND_CHARGE"],
                terms_and_conditions="https://example.com/terms",
            ),
            connector(id="2", tariff_ids=None),
        ],
        floor_level="-1",
        coordinates={"latitude": "51.9526", "longitude": "4.0484"},
        physical_reference="7",
        directions=[{"language": "en", "text": "Left"}],
        parking_restrictions=["EV_ONLY"],
        parking=[{"parking_id": "B1", "evse_position": "LEFT"}, {"parking_id": "b2"}],
        status_schedule=[{"period_begin": "2026-12-24T12:00:00Z", "status": "BLOCKED"}],
        images=[LOGO],
        accepted_service_providers=["EMS", "#NA"],
    )
    raw = location(evses=[charger], parking_places=[bay(id="b1"), bay(id="B2")])

    assert OcpiLocation.model_validate(raw).to_domain().evses == (
        Evse(
            id="NL*ABC*L1*E1",
            uid="e1",
            evse_id="NL*ABC*E1",
            status=Status.OUTOFORDER,
            capabilities=("RFID_READER",),
            connectors=(
                Connector(
                    id="NL*ABC*L1*E1*CCS%2A1",
                    ocpi_id="ccs*1",
                    standard="MCS",
                    format=ConnectorFormat.CABLE,
                    power_type=PowerType.DC,
                    max_voltage=1250,
                    max_amperage=3000,
                    max_electric_power=1_000_000,
                    tariff_ids=("NL*ABC*CHARGE", "NL*ABC*T%2A2"),
                    capabilities=("ISO_15118_20_PLUG_AND_CHARGE",),
                    terms_and_conditions="https://example.com/terms",
                    last_updated=UPDATED,
                ),
                Connector(
                    id="NL*ABC*L1*E1*2",
                    ocpi_id="2",
                    standard="MCS",
                    format=ConnectorFormat.CABLE,
                    power_type=PowerType.DC,
                    max_voltage=1250,
                    max_amperage=3000,
                    max_electric_power=None,
                    tariff_ids=(),
                    capabilities=(),
                    terms_and_conditions=None,
                    last_updated=UPDATED,
                ),
            ),
            floor_level="-1",
            physical_reference="7",
            latitude=Decimal("51.9526"),
            longitude=Decimal("4.0484"),
            directions=(DisplayText("en", "Left"),),
            parking_restrictions=("EV_ONLY",),
            parking=(
                EvseParking("NL*ABC*L1*B1", EvsePosition.LEFT),
                EvseParking("NL*ABC*L1*B2", None),
            ),
            last_updated=UPDATED,
            status_schedule=(StatusSchedule(datetime(2026, 12, 24, 12, tzinfo=UTC), None, Status.BLOCKED),),
            images=(Image("https://example.com/logo.png", "OPERATOR", "png"),),
            accepted_service_providers=("EMS",),
        ),
    )


@pytest.mark.parametrize("nothing", [None, []])
def test_a_null_list_is_an_empty_one(nothing: object) -> None:
    lists = ("evses", "parking_places", "facilities", "directions", "related_locations", "publish_allowed_to")

    read = OcpiLocation.model_validate(location(**dict.fromkeys(lists, nothing), charging_when_closed=None))

    assert read.to_domain() == OcpiLocation.model_validate(location()).to_domain()
