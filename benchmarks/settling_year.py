"""What reading CDRs is measured on: a year of them, made from two real ones, of many fleets, EMSPs and operators."""

from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from rich.progress import track

from models.rules.role import Role
from models.tables import metadata
from resolvers import parties
from tests.factories.catalogue import NOW, a_location
from tests.world import World

OPERATORS, EMSPS, FLEETS, SITES, MONTHS = 20, 50, 200, 3, 12
YEAR = timedelta(days=360)
BEGIN = NOW - YEAR
MONTH = YEAR / MONTHS
NAMES = metadata.tables["cdr"].columns.keys()

MADE = {
    "cpo_id": "drawn.cpo_id",
    "id": "upper(gen_random_uuid()::text)",
    "position": "nextval(pg_get_serial_sequence('cdr', 'position'))",
    "number": "NULL",
    "location_id": "drawn.cpo_id || '*SITE' || drawn.site",
    "booking_id": "drawn.booking_id",
    "session_id": "CASE WHEN template.kind = 'SESSION' THEN drawn.session_id END",
    "emsp_id": "fleet.emsp_id",
    "contract_ids": "ARRAY[fleet.spelt[drawn.spelling]]",
    "contract_id": "fleet.spelt[drawn.spelling]",
    "license_plate": "format((ARRAY['%s-HD-%s', '%s HD %s', '%sHD%s'])[drawn.spelling], 100 + nth, drawn.truck)",
    "contract_key": "fleet.spelt[2]",
    "vehicle_key": "format('%sHD%s', 100 + nth, drawn.truck)",
    "issued_at": "drawn.issued_at + CASE WHEN template.kind = 'SESSION' THEN interval '1 hour' ELSE interval '0' END",
}
"""How a CDR differs from the one that it is made from."""

CDRS = f"""
WITH drawn AS MATERIALIZED (
    SELECT ($1::text[])[1 + floor({OPERATORS} * power(random(), 2))::int] AS cpo_id,
        1 + floor({FLEETS} * power(random(), 2))::int AS nth, 1 + floor(3 * random())::int AS spelling,
        10 + floor(20 * random())::int AS truck, floor({SITES} * random())::int AS site,
        gen_random_uuid() AS booking_id, gen_random_uuid() AS session_id,
        $4::timestamptz + $5::interval * (one::float8 / $6::int) AS issued_at
    FROM generate_series(1, $6::int) AS one
)
INSERT INTO cdr ({", ".join(NAMES)})
SELECT {", ".join(MADE.get(name, f"template.{name}") for name in NAMES)}
FROM drawn
JOIN (
    SELECT nth, emsp_id, ARRAY[contract_id, replace(contract_id, '-', ''), lower(contract_id)] AS spelt
    FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS given (emsp_id, contract_id, nth)
) AS fleet USING (nth)
CROSS JOIN (SELECT DISTINCT ON (kind) * FROM cdr WHERE cpo_id = 'NL*ABC' ORDER BY kind, issued_at) AS template
ORDER BY drawn.issued_at
"""

TAKEN_BACK = {
    "id": "id || '-C'",
    "position": "nextval(pg_get_serial_sequence('cdr', 'position'))",
    "before_taxes": "-before_taxes",
    "after_taxes": "-after_taxes",
    "credits": "id",
    "remark": "'What it bills was changed.'",
    "issued_at": "issued_at + interval '1 day'",
}
REST = {
    "credits": f"""
INSERT INTO cdr ({", ".join(NAMES)})
SELECT {", ".join(TAKEN_BACK.get(name, name) for name in NAMES)}
FROM (SELECT *, row_number() OVER (ORDER BY issued_at, position) AS nth FROM cdr WHERE cpo_id <> 'NL*ABC') AS known
WHERE nth % 50 = 0 AND issued_at < $1
""",
    "what is billed": """
INSERT INTO billed (holder_id, subject, cpo_id, cdr_id)
SELECT booking_id, subject, cpo_id, id FROM cdr known
WHERE cpo_id <> 'NL*ABC' AND credits IS NULL
    AND NOT EXISTS (SELECT FROM cdr c WHERE c.cpo_id = known.cpo_id AND c.credits = known.id) AND issued_at < $1
""",
    "payments": """
INSERT INTO cdr_payment (cpo_id, cdr_id, creditor, state, invoice_id, last_updated)
SELECT cpo_id, id, creditor,
    CASE WHEN issued_at < $1::timestamptz - interval '60 days' THEN 'PAID' ELSE 'INVOICED' END,
    'INV-' || emsp_id || to_char(issued_at, '-YYYY-MM'), $1
FROM cdr CROSS JOIN unnest(ARRAY['CPO', 'EMSP']) AS creditor
WHERE cpo_id <> 'NL*ABC' AND issued_at < $1::timestamptz - interval '30 days'
""",
    "invoices": """
WITH line AS MATERIALIZED (
    SELECT cdr.*, cdr_id, invoice_id FROM cdr_payment JOIN cdr USING (cpo_id)
    WHERE cdr.id = cdr_id AND creditor = 'CPO'
), received AS (
    INSERT INTO invoice (emsp_id, cpo_id, id, given_id, first_received_at, received_at, lines)
    SELECT emsp_id, cpo_id, invoice_id, invoice_id, min(date_trunc('month', issued_at)), $1, count(*)
    FROM line GROUP BY emsp_id, cpo_id, invoice_id
)
INSERT INTO invoice_line (emsp_id, cpo_id, invoice_id, position, given_cdr_id, cdr_id, currency, after_taxes)
SELECT emsp_id, cpo_id, invoice_id, row_number() OVER (PARTITION BY emsp_id, cpo_id, invoice_id ORDER BY cdr_id),
    cpo_id || '*' || cdr_id, cdr_id, currency, after_taxes
FROM line
""",
    "providers' lines": """
INSERT INTO provider_line (id, emsp_id, kind, fee_id, name, contract_ids, contract_id, license_plate, contract_key,
    vehicle_key, location_id, booking_id, cpo_id, cdr_id, currency, price, state, issued_at)
SELECT gen_random_uuid(), emsp_id, 'MARKUP', 'SHARE', 'Share', contract_ids, contract_id, license_plate, contract_key,
    vehicle_key, location_id, booking_id, cpo_id, id, currency, total, 'DUE', issued_at
FROM cdr WHERE cpo_id <> 'NL*ABC' AND kind = 'SESSION' AND credits IS NULL AND issued_at < $1
ORDER BY issued_at
""",
}
"""What follows from CDRs, in the order in which it is made."""

TABLES = "cdr, billed, cdr_payment, invoice, invoice_line, provider_line"


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet: its EMSP, and its contract as the EMSP writes it."""

    emsp_id: str
    contract_id: str


def fleets() -> list[Fleet]:
    """Return the fleets, the largest first; a quarter of them are of one EMSP, each EMSP has one at least."""
    found = []
    for number in range(FLEETS):
        place = (number * 37 % FLEETS) / FLEETS
        emsp = int(EMSPS * place**3) if number >= EMSPS else number
        found.append(Fleet(f"DE*E{emsp:02}", f"DE-E{emsp:02}-C{number:08}-X"))
    return found


def operators() -> list[str]:
    """Return the ids of the operators, the largest first."""
    return [f"DE*O{number:02}" for number in range(OPERATORS)]


async def publish(world: World) -> None:
    """Make the operators with their sites, and the EMSPs."""
    for number in track(range(OPERATORS), description="operators", transient=True):
        owner = ("DE", f"O{number:02}")
        await parties.create(world.database, *owner, f"Operator {number}", [Role.CPO], NOW)
        await world.publish(*(a_location(f"SITE{site}", owner=owner) for site in range(SITES)))
    for number in range(EMSPS):
        await parties.create(world.database, "DE", f"E{number:02}", f"Provider {number}", [Role.EMSP], NOW)


async def fill(dsn: str, cdrs: int) -> None:
    """Make so many CDRs, a month after the other, of which few have as many as others, and what follows from them.

    One in fifty is taken back; those of ten months are paid, those of the next invoiced, those of the last are due.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT setseed(0.2026)")
        given = operators(), [one.emsp_id for one in fleets()], [one.contract_id for one in fleets()]
        each = cdrs // MONTHS // 2
        for number in track(range(MONTHS), description="CDRs", transient=True):
            await connection.execute(CDRS, *given, BEGIN + number * MONTH, MONTH, each, timeout=None)
        for name in track(REST, description="what follows from them", transient=True):
            await connection.execute(REST[name], NOW, timeout=None)
        await connection.execute(f"VACUUM (ANALYZE) {TABLES}")
    finally:
        await connection.close()
