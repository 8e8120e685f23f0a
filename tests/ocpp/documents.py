"""The operations by which an operator's central system and a driver's provider take part."""

REFUSED = "... on ChargingRefused { reason message from }"
PROBLEM = "... on Problem { message }"

STATUS = f"""
mutation ($input: EvseStatusReportInput!) {{
  evseStatusReport(input: $input) {{ __typename ... on Evse {{ status }} {PROBLEM} }}
}}
"""
AUTHORIZE = f"""
mutation ($input: ChargingAuthorizeInput!) {{
  chargingAuthorize(input: $input) {{
    __typename ... on ChargingAuthorized {{ authorization {{ basis until }} }} {REFUSED} {PROBLEM}
  }}
}}
"""
START = f"""
mutation ($input: SessionStartReportInput!) {{
  sessionStartReport(input: $input) {{
    __typename ... on Session {{ id irregularity allowedUntil }} {REFUSED} {PROBLEM}
  }}
}}
"""
READINGS = f"""
mutation ($input: SessionReadingsReportInput!) {{
  sessionReadingsReport(input: $input) {{
    __typename ... on SessionReadings {{ outcomes {{ at outcome }} }} {PROBLEM}
  }}
}}
"""
STOP = f"""
mutation ($input: SessionStopReportInput!) {{
  sessionStopReport(input: $input) {{ __typename ... on Session {{ status }} {PROBLEM} }}
}}
"""
REQUESTS = """
subscription {
  sessionRequestUpdated {
    __typename
    ... on SessionRequestUpdated {
      request { id command status evse { id } bookingId sessionId statusReason token { uid type } }
    }
  }
}
"""
ANSWER = f"""
mutation ($input: SessionRequestAnswerInput!) {{
  sessionRequestAnswer(input: $input) {{ __typename {PROBLEM} }}
}}
"""
REFERENCE = "query ($id: ID!) { booking(id: $id) { reference } }"

BOOK = f"""
mutation ($input: BookingCreateInput!) {{
  bookingCreate(input: $input) {{ __typename ... on Booking {{ id status phase evse {{ id }} }} {PROBLEM} }}
}}
"""
BOOKING = "query ($id: ID!) { booking(id: $id) { status phase outcome } }"
SESSIONS = """
query ($bookingIds: [ID!]) {
  sessions(bookingIds: $bookingIds) {
    edges { node {
      id status basis bookingId evse { id } connectorId token { uid } authMethod startDateTime endDateTime stopReason
      kwh power stateOfCharge readAt overtimeMinutes endedEarly
    } }
  }
}
"""
PUBLISH = f"""
mutation ($input: TokensPublishInput!) {{ tokensPublish(input: $input) {{ __typename {PROBLEM} }} }}
"""
BLOCK = f"mutation ($input: TokenBlockInput!) {{ tokenBlock(input: $input) {{ __typename {PROBLEM} }} }}"
ASK_START = f"""
mutation ($input: SessionStartInput!) {{
  sessionStart(input: $input) {{ __typename ... on SessionRequest {{ id status }} {REFUSED} {PROBLEM} }}
}}
"""
ASK_STOP = f"""
mutation ($input: SessionStopInput!) {{
  sessionStop(input: $input) {{ __typename ... on SessionRequest {{ id status }} {PROBLEM} }}
}}
"""
CHARGER = "query ($id: ID!) { location(id: $id) { evses { id status } } }"
