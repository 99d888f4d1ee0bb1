// SPDX-License-Identifier: Apache-2.0
// A Managed HSM as the official client sees it, on the state that the vault
// left behind: what was imported is there, and symmetric keys are taken.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import { Credential, bytes, check, digest, options, publicFrom, refused, run,
    url, verifies } from "./harness.mjs";

const data = Buffer.from("sixteen byte txt, then twice that");
const credential = new Credential();
const client = new KeyClient(url("sim.managedhsm.test"), credential, options);
const using = (key) => new CryptographyClient(key, credential, options);

async function wraps(name, key, algs) {
	const c = using(key);
	for (const alg of algs) {
		await check(`${name}: wrapKey and unwrapKey ${alg}`,
		    async () => {
			const k = crypto.randomBytes(32);
			const { result } = await c.wrapKey(alg, k);
			assert.equal(result.length, 40);
			const back = await c.unwrapKey(alg, result);
			assert.deepEqual(Buffer.from(back.result), k);
			result[3] ^= 1;
			await refused(c.unwrapKey(alg, result), 400,
			    "BadParameter", /Activity ID/);
		});
	}
}

async function ciphers(name, key, bits) {
	const c = using(key);
	const aad = Buffer.from("beside it");
	await check(`${name}: A${bits}GCM`, async () => {
		const e = await c.encrypt({ algorithm: `A${bits}GCM`,
			plaintext: data, additionalAuthenticatedData: aad });
		assert.equal(e.iv.length, 12);
		assert.equal(e.authenticationTag.length, 16);
		const open = { algorithm: `A${bits}GCM`,
			ciphertext: e.result, iv: e.iv,
			authenticationTag: e.authenticationTag,
			additionalAuthenticatedData: aad };
		assert.deepEqual(Buffer.from((await c.decrypt(open)).result),
		    data);
		await refused(c.decrypt({ ...open,
			additionalAuthenticatedData: data }), 400,
		    "BadParameter", /Activity ID/);
	});
	for (const [algorithm, plaintext] of [
		[`A${bits}CBC`, data.subarray(0, 32)],
		[`A${bits}CBCPAD`, data]]) {
		await check(`${name}: ${algorithm}`, async () => {
			const iv = crypto.randomBytes(16);
			const e = await c.encrypt({ algorithm, plaintext, iv });
			const back = await c.decrypt({ algorithm,
				ciphertext: e.result, iv: e.iv ?? iv });
			assert.deepEqual(Buffer.from(back.result), plaintext);
		});
	}
}

await run(async () => {
	let key;

	await check("a key that the vault imported is there, and signs",
	    async () => {
		key = await client.getKey("method1");
		const { result } = await using(key).sign("PS256",
		    digest("PS256", data));
		assert.ok(verifies("PS256", publicFrom(key.key), data, result));
	});
	await check("the challenge named the domain of the HSM", () => {
		assert.match(credential.scopes[0],
		    /^https:\/\/managedhsm\.test(:[0-9]+)?\/\.default$/);
	});
	await check("a software key is shown as -HSM here", async () => {
		assert.equal((await client.getKey("software")).keyType,
		    "RSA-HSM");
	});
	for (const bits of [128, 192, 256]) {
		await check(`createOctKey of ${bits} bits`, async () => {
			key = await client.createOctKey(`oct${bits}`,
			    { hsm: true, keySize: bits });
			assert.equal(key.keyType, "oct-HSM");
			assert.equal(key.key.k, undefined);
		});
		await wraps(`oct ${bits}`, key, [`A${bits}KW`]);
		await ciphers(`oct ${bits}`, key, bits);
	}
	await check("importKey of oct by method 2", async () => {
		key = await client.importKey("aes", { kty: "oct-HSM",
			t: bytes("aes.byok") });
		assert.equal(key.keyType, "oct-HSM");
	});
	await wraps("imported oct", key, ["A256KW"]);
	await ciphers("imported oct", key, 256);
	await check("importKey of a plain oct key", async () => {
		const k = crypto.randomBytes(32);
		const imported = await client.importKey("plain", {
			kty: "oct-HSM", k });
		const wrapped = (await using(imported).wrapKey("A256KW",
		    data.subarray(0, 32))).result;
		const c = crypto.createDecipheriv("id-aes256-wrap", k,
		    Buffer.alloc(8, 0xa6));
		assert.deepEqual(Buffer.concat([c.update(wrapped), c.final()]),
		    data.subarray(0, 32));
	});
	await check("getRandomBytes", async () => {
		const a = await client.getRandomBytes(64);
		const b = await client.getRandomBytes(64);
		assert.equal(a.length, 64);
		assert.notDeepEqual(a, b);
		await refused(client.getRandomBytes(129), 400, "BadParameter",
		    /128/);
	});
	await check("errors carry an activity", () => refused(
	    client.getKey("nothing"), 404, "KeyNotFound",
	    /\(Activity ID: [0-9a-f-]{36}\)$/));
});
