// Hive Gateway in front of the subgraphs `booking` and `trips`.
// The client's API token goes to `booking` alone: as a header over HTTP, in connection_init over WebSocket.
// `context.headers` holds the headers of a client's HTTP request, or the connection_init payload of its socket.

import { defineConfig } from '@graphql-hive/gateway';

export const gatewayConfig = defineConfig({
  supergraph: process.env.SUPERGRAPH,
  propagateHeaders: {
    fromClientToSubgraphs: ({ context, subgraphName }) =>
      subgraphName === 'booking' ? { authorization: context.headers.authorization } : {},
  },
  transportEntries: {
    booking: {
      options: {
        subscriptions: {
          kind: 'ws',
          options: { connectionParams: { authorization: '{context.headers.authorization}' } },
        },
      },
    },
  },
});
