// SPDX-License-Identifier: Apache-2.0
// What the parts of the client tests share: names of the stand-in's vaults
// resolve to loopback, nothing else about the client is changed; each case is
// one line for sdk.tap, which numbers them.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import dns from "node:dns";
import fs from "node:fs";
import path from "node:path";

// The client says node 20; Debian 12's node 18 lacks this global only.
globalThis.crypto ??= crypto.webcrypto;

const lookup = dns.lookup;
dns.lookup = (host, options, callback) =>
	lookup(/\.(vault|managedhsm)\.test$/.test(host) ? "127.0.0.1" : host,
	    options, callback);

export const [dir, port] = process.argv.slice(2);
export const options = { retryOptions: { maxRetries: 0 } };
export const url = (host) => `https://${host}:${port}`;

// Remembers what it was asked for, so that the challenge can be checked.
export class Credential {
	constructor() {
		this.scopes = [];
	}
	async getToken(scopes, given) {
		this.scopes.push([scopes].flat().join(" "));
		this.tenant = given?.tenantId;
		return { token: "any", expiresOnTimestamp: Date.now() + 3600e3 };
	}
}

let failed = 0;

export async function check(name, body) {
	try {
		await body();
		console.log(`ok ${name}`);
	} catch (e) {
		failed++;
		console.log(`not ok ${name}`);
		for (const line of String(e?.stack ?? e).split("\n").slice(0, 4))
			console.log(`# ${line}`);
	}
}

// Run the cases of a part; its exit status is for the shell.
export async function run(body) {
	await body();
	process.exitCode = failed === 0 ? 0 : 1;
}

// The service refuses, with its code, status and a message.
export async function refused(promise, statusCode, code, message) {
	let error;
	try {
		await promise;
	} catch (e) {
		error = e;
	}
	assert.ok(error !== undefined, "it was not refused");
	assert.equal(error.statusCode, statusCode, String(error));
	assert.equal(error.code, code);
	assert.match(error.message, message);
}

// Files of the shell's part.
export const file = (name) => path.join(dir, name);
export const bytes = (name) => new Uint8Array(fs.readFileSync(file(name)));
export const publicOf = (pem) => crypto.createPublicKey(
    fs.readFileSync(file(pem)));

// The public key that a bundle shows, as node's.
export function publicFrom(key) {
	const b64 = (v) => Buffer.from(v).toString("base64url");
	const jwk = key.kty.startsWith("RSA") ?
	    { kty: "RSA", n: b64(key.n), e: b64(key.e) } :
	    { kty: "EC", x: b64(key.x), y: b64(key.y),
		crv: key.crv === "P-256K" ? "secp256k1" : key.crv };
	return crypto.createPublicKey({ key: jwk, format: "jwk" });
}

export const same = (a, b) =>
	assert.deepEqual(a.export({ format: "jwk" }),
	    b.export({ format: "jwk" }));

// Node's own verification of what the service signed.
export function verifies(alg, publicKey, data, signature) {
	const key = { key: publicKey };
	if (alg.startsWith("PS")) {
		key.padding = crypto.constants.RSA_PKCS1_PSS_PADDING;
		key.saltLength = crypto.constants.RSA_PSS_SALTLEN_DIGEST;
	} else if (alg.startsWith("ES")) {
		key.dsaEncoding = "ieee-p1363";
	}
	return crypto.verify(`sha${alg.slice(2, 5)}`, data, key, signature);
}

export const digest = (alg, data) =>
	crypto.createHash(`sha${alg.slice(2, 5)}`).update(data).digest();
