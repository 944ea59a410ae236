// The device flow by npm's oauth4webapi, which finds the endpoints by RFC 8414.
//
//     node device.mjs SITE
//
// Prints a line of JSON for each step: the codes, the error before the approval, and,
// after a line on its standard input, the user of the session.

import { createInterface } from 'node:readline/promises';
import { webcrypto } from 'node:crypto';
import * as oauth from 'oauth4webapi';

// Node 18 has it, but not yet under this name.
globalThis.crypto ??= webcrypto;

const site = process.argv[2];
const issuer = new URL(site);
const client = { client_id: 'oauth4webapi' };
const options = { [oauth.allowInsecureRequests]: true };
const server = await oauth.processDiscoveryResponse(issuer,
	await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options }));

function tell(what) {
	console.log(JSON.stringify(what));
}

async function ask(code) {
	return oauth.processDeviceCodeResponse(server, client,
		await oauth.deviceCodeGrantRequest(server, client, oauth.None(),
			code, options));
}

const codes = await oauth.processDeviceAuthorizationResponse(server, client,
	await oauth.deviceAuthorizationRequest(server, client, oauth.None(),
		new URLSearchParams({ scope: 'all' }), options));
tell({ codes });

try {
	tell({ early: await ask(codes.device_code) });
} catch (error) {
	tell({ early: error.error, status: error.status });
}

const lines = createInterface({ input: process.stdin });
await lines[Symbol.asyncIterator]().next();
lines.close();

const session = await ask(codes.device_code);
const who = await oauth.protectedResourceRequest(session.access_token, 'GET',
	new URL('/api/session', site), undefined, undefined, options);
tell({ session, status: who.status, who: await who.json() });
