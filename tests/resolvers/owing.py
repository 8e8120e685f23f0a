"""What comes together in two months: two sites and currencies, two fleets, a walk-up, credits, and every state."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from models.rules.booking import Booking, BookingToken
from models.rules.booking_location import BookingLocation
from models.rules.booking_state import CanceledReason
from models.rules.energy_mix import EnergyMix, EnergySource, EnergySourceCategory
from models.rules.interval import Interval
from models.rules.price import PLACES
from models.rules.token import TokenType
from resolvers import cdrs, lapsing, provider_lines
from resolvers.cdrs import Invoicing, Paying
from resolvers.charging_scene import Credential
from resolvers.for_whom import ForWhom
from resolvers.provider_lines import LinesToInvoice, LinesToPay
from tests.factories.catalogue import a_location, an_offer, at, hours
from tests.factories.tokens import a_token, published
from tests.resolvers.adding import a_month, a_share, a_sum, canceled, lines, months_taken, publish
from tests.resolvers.charging_scenes import CARD, started, stopped
from tests.resolvers.lifecycle import booked
from tests.resolvers.quoting import charging
from tests.resolvers.reminding import by_worker
from tests.resolvers.settling import fees, issued, refunded, settle
from tests.world import OTHER_CONTRACT, World, a_key

ALL = Interval(at(0), at(0, day=62))
"""December, in which all of it takes place, and January, in which some of it is given back."""

FORMULA = '=HYPERLINK("https://example.org";"Hub, hall 1")'
"""What an operator could call its site to make a spreadsheet run it."""

MIX = EnergyMix(False, (EnergySource(EnergySourceCategory.WIND.value, Decimal("33.3")),))
HERE = replace(a_location("HERE", chargers={"E1": ["B1"], "E2": ["B2"]}), name=FORMULA, energy_mix=MIX)
THERE = a_location("THERE", chargers={"E1": ["B1"], "E2": ["B2"]}, place=(Decimal(47), Decimal(8)))
AT_HERE, AT_THERE = an_offer(HERE), an_offer(THERE, tariff_ids=("NL*ABC*FRANCS",))
OTHER_CARD = replace(CARD, uid="0B0B0B0B", contract_id=OTHER_CONTRACT)
HOLDERS: tuple[tuple[tuple[BookingToken, ...], str | None], ...] = (
    ((CARD,), "12-BCD-3"),
    ((replace(CARD, contract_id="nlemsc00000001a"),), None),
    ((OTHER_CARD,), "98-XYZ-7"),
    ((CARD, OTHER_CARD), "98 xyz 7"),
)
"""Whose bookings there are: also of two fleets together, and with a contract and a plate spelt in two ways."""

SLOTS: tuple[tuple[BookingLocation, str, int], ...] = tuple(
    (offer, f"{offer.location_id}*E{number}", hour)
    for hour in (10, 12)
    for offer in (AT_HERE, AT_THERE)
    for number in (1, 2)
)


async def two_months(world: World, seed: int = 1) -> None:
    """Let bookings of all holders be kept, canceled, missed and charged on, and what is billed go its ways."""
    random = Random(seed)
    await world.publish(
        fees(), replace(fees(), id="NL*ABC*FRANCS", ocpi_id="FRANCS", currency="CHF"), charging("0.3333")
    )
    await world.publish(HERE, THERE, AT_HERE, AT_THERE)
    await published(world, a_token(CARD.uid), a_token(OTHER_CARD.uid, contract_id=OTHER_CONTRACT))
    await publish(world, a_sum("0.755"), a_share("3.3"), a_month("9.99"))
    made = [(await _one(world, slot, random), slot) for slot in SLOTS]
    await settle(world)
    for one, _ in made[:2]:
        await canceled(world, one, "emsp", CanceledReason.TRAFFIC)
    used = [(one, slot[1], slot[2]) for one, slot in made[2:] if random.random() < 2 / 3]
    for hour in (10, 12):
        await _charged(world, hour, {evse_id: one for one, evse_id, at_hour in used if at_hour == hour}, random)
    await _charged(world, 16, {f"{HERE.id}*E1": None}, random)
    world.later(at(20))
    await lapsing.no_shows(by_worker(world))
    await settle(world)
    await _paid(world, random)
    world.later(at(8, day=35))
    await _given_back(world)
    await months_taken(world)


async def _one(world: World, slot: tuple[BookingLocation, str, int], random: Random) -> Booking:
    offer, evse_id, hour = slot
    tokens, plate = random.choice(HOLDERS)
    whom = ForWhom(tokens=tokens, license_plate=plate)
    return await booked(world, offer, hours(hour, hour + 1), evse_id=evse_id, whom=whom)


async def _charged(world: World, hour: int, used: dict[str, Booking | None], random: Random) -> None:
    """Let some energy be charged at chargers, each on a booking or as a walk-up, and at some for too long."""
    world.later(at(hour))
    begun = []
    for evse_id, one in used.items():
        uid = one.tokens[0].uid if one is not None else CARD.uid
        begun.append(await started(world, evse_id, Credential(uid, TokenType.RFID)))
    half = len(begun) // 2
    for until, sessions in ((0.5, begun[:half]), (1.5, begun[half:])):
        world.later(at(hour + until))
        for session in sessions:
            await stopped(world, session, kwh=Decimal(random.randint(1, 9999)) / 10)


async def _paid(world: World, random: Random) -> None:
    """Put a half of what is due on an invoice, and let a half of that be paid: by the EMSP, and another by fleets."""
    found = [one.object_id for one in await issued(world)]
    for caller, invoice_id in (("cpo", "-INV;1"), ("emsp", "FLEETS-1")):
        some = random.sample(found, len(found) // 2)
        await cdrs.invoice(await world.call(caller), a_key(), Invoicing(tuple(some), invoice_id))
        await cdrs.pay(await world.call(caller), a_key(), Paying(tuple(some[::2])))
    added = [str(one.id) for one in await lines(world)]
    share = random.sample(added, len(added) // 2)
    await provider_lines.invoice(await world.call("emsp"), a_key(), LinesToInvoice(tuple(share), "FLEETS-2"))
    await provider_lines.pay(await world.call("emsp"), a_key(), LinesToPay(tuple(share[::2])))


async def _given_back(world: World) -> None:
    """Give back a part of one CDR that was not credited yet."""
    found = await issued(world, credits=False)
    gone = {one.credits for one in await issued(world, credits=True)}
    last = next(one for one in reversed(found) if one.local_id not in gone and one.total.before_taxes >= 1)
    await refunded(world, last, str(Decimal("0.3333").quantize(PLACES)))
    await settle(world)
