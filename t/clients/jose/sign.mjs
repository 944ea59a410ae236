// Keys and tokens by npm's jose, whose code has nothing in common with ours.
//
//     node sign.mjs CLAIMS SECRET
//
// Prints { keys, tokens: { ALG: token } }: the public keys as a set holds them,
// and one token by each algorithm that io7 knows, HS256 by the secret.

import { webcrypto } from 'node:crypto';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

// Node 18 has it, but not yet under this name.
globalThis.crypto ??= webcrypto;

const claims = JSON.parse(process.argv[2]);
const secret = new TextEncoder().encode(process.argv[3]);
const keys = [];
const tokens = {};

function sign(alg, kid, key) {
	return new SignJWT(claims)
		.setProtectedHeader({ alg, kid, typ: 'JWT' })
		.sign(key);
}

for (const alg of ['RS256', 'ES256', 'EdDSA']) {
	const { publicKey, privateKey } =
		await generateKeyPair(alg, { extractable: true });
	const kid = `jose-${alg}`;

	keys.push({ ...await exportJWK(publicKey), kid, alg, use: 'sig' });
	tokens[alg] = await sign(alg, kid, privateKey);
}
tokens.HS256 = await sign('HS256', 'any', secret);
console.log(JSON.stringify({ keys, tokens }));
