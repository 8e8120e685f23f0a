// Composes subgraphs into a supergraph: node compose.mjs NAME URL SDL_FILE [NAME URL SDL_FILE ...]
// Prints the supergraph's SDL; exits with 1 and the composition's errors if there is none.

import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

const words = process.argv.slice(2);
const subgraphs = [];
for (let at = 0; at < words.length; at += 3) {
  const [name, url, path] = words.slice(at, at + 3);
  subgraphs.push({ name, url, typeDefs: parse(readFileSync(path, 'utf8')) });
}

const { supergraphSdl, errors } = composeServices(subgraphs);
if (errors) {
  console.error(errors.map((error) => error.message).join('\n'));
  process.exit(1);
}
process.stdout.write(supergraphSdl);
