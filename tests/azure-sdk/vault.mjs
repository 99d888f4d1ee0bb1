// SPDX-License-Identifier: Apache-2.0
// A Key Vault as the official client sees it: import by both methods, use,
// life cycle, refusals.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import { Credential, bytes, check, digest, options, publicFrom, publicOf,
    refused, run, same, url, verifies } from "./harness.mjs";

const data = Buffer.from("what is signed");
const secret = Buffer.from("a short secret");
const curves = { P256: ["P-256", "ES256"], P384: ["P-384", "ES384"],
	P521: ["P-521", "ES512"], P256K: ["P-256K", "ES256K"] };
const rsaSigns = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const rsaCiphers = ["RSA1_5", "RSA-OAEP", "RSA-OAEP-256"];
const credential = new Credential();
const client = new KeyClient(url("sim.vault.test"), credential, options);
const using = (key) => new CryptographyClient(key, credential, options);
const bring = (name, kty, from, more = {}, settings = {}) =>
	client.importKey(name, { kty, t: bytes(from), ...more }, settings);

async function signs(name, key, algs, publicKey) {
	const c = using(key);
	for (const alg of algs) {
		await check(`${name}: sign and verify ${alg}`, async () => {
			const sum = digest(alg, data);
			const { result, keyID } = await c.sign(alg, sum);
			assert.equal(keyID, key.id);
			assert.ok(verifies(alg, publicKey, data, result));
			assert.equal((await c.verify(alg, sum, result)).result,
			    true);
			result[result.length - 1] ^= 1;
			assert.equal((await c.verify(alg, sum, result)).result,
			    false);
			assert.ok(!verifies(alg, publicKey, data, result));
		});
	}
}

async function ciphers(name, key, publicKey) {
	const c = using(key);
	for (const algorithm of rsaCiphers) {
		await check(`${name}: encrypt and decrypt ${algorithm}`,
		    async () => {
			const { result } = await c.encrypt({ algorithm,
				plaintext: secret });
			const back = await c.decrypt({ algorithm,
				ciphertext: result });
			assert.deepEqual(Buffer.from(back.result), secret);
		});
		await check(`${name}: wrapKey and unwrapKey ${algorithm}`,
		    async () => {
			const k = crypto.randomBytes(32);
			const { result } = await c.wrapKey(algorithm, k);
			const back = await c.unwrapKey(algorithm, result);
			assert.deepEqual(Buffer.from(back.result), k);
		});
	}
	await check(`${name}: decrypt what node encrypted`, async () => {
		const ciphertext = crypto.publicEncrypt({ key: publicKey,
			padding: crypto.constants.RSA_PKCS1_OAEP_PADDING,
			oaepHash: "sha256" }, secret);
		const back = await c.decrypt({ algorithm: "RSA-OAEP-256",
			ciphertext });
		assert.deepEqual(Buffer.from(back.result), secret);
	});
}

async function imports() {
	let m1, key;

	await check("importKey of a method-1 package", async () => {
		m1 = await bring("method1", "RSA-HSM", "m1.byok",
		    { keyOps: ["sign", "verify", "encrypt", "decrypt",
			"wrapKey", "unwrapKey"] }, { tags: { made: "here" } });
		assert.equal(m1.keyType, "RSA-HSM");
		assert.equal(m1.properties.tags.made, "here");
		for (const secretMember of ["d", "p", "q", "dp", "dq", "qi",
			"t", "k"])
			assert.equal(m1.key[secretMember], undefined);
	});
	await signs("method 1", m1, rsaSigns, publicFrom(m1.key));
	await ciphers("method 1", m1, publicFrom(m1.key));
	await check("the same key of the world by method 2", async () => {
		key = await bring("world", "RSA-HSM", "world.byok");
		assert.deepEqual(key.key.n, m1.key.n);
	});
	for (const bits of [2048, 3072, 4096]) {
		const pub = publicOf(`rsa${bits}.pem`);
		await check(`importKey of RSA ${bits} by method 2`, async () => {
			key = await bring(`rsa${bits}`, "RSA-HSM",
			    `rsa${bits}.byok`);
			same(publicFrom(key.key), pub);
		});
		await signs(`RSA ${bits}`, key, rsaSigns, pub);
		await ciphers(`RSA ${bits}`, key, pub);
	}
	for (const [name, [crv, alg]] of Object.entries(curves)) {
		const pub = publicOf(`${name}.pem`);
		await check(`importKey of EC ${crv} by method 2`, async () => {
			key = await bring(name, "EC-HSM", `${name}.byok`,
			    { crv });
			same(publicFrom(key.key), pub);
			assert.equal(key.key.crv, crv);
		});
		await signs(`EC ${crv}`, key, [alg], pub);
	}
	await check("importKey of a software key", async () => {
		const pair = crypto.generateKeyPairSync("rsa",
		    { modulusLength: 2048 });
		const jwk = pair.privateKey.export({ format: "jwk" });
		for (const n of Object.keys(jwk)) {
			if (n !== "kty")
				jwk[n] = Buffer.from(jwk[n], "base64url");
		}
		key = await client.importKey("software", jwk);
		assert.equal(key.keyType, "RSA");
		same(publicFrom(key.key), pair.publicKey);
	});
	await signs("software", key, ["RS256"], publicFrom(key.key));
}

async function created() {
	await check("a key of every kind is created and signs", async () => {
		const rsa = await client.createRsaKey("made-rsa", { hsm: true });
		assert.equal(rsa.key.n.length, 256);
		for (const [name, [curve, alg]] of Object.entries(curves)) {
			const ec = await client.createEcKey(`made-${name}`,
			    { hsm: true, curve });
			const { result } = await using(ec).sign(alg,
			    digest(alg, data));
			assert.ok(verifies(alg, publicFrom(ec.key), data,
			    result));
		}
	});
}

async function lists() {
	await check("lists come in pages", async () => {
		const names = new Set();
		const pages = [];
		for (let i = 0; i < 30; i++)
			await client.createEcKey(`list-${i}`);
		for await (const page of client.listPropertiesOfKeys()
		    .byPage({ maxPageSize: 7 })) {
			pages.push(page.length);
			page.forEach((p) => names.add(p.name));
		}
		assert.ok(pages.length >= 5);
		assert.ok(pages.slice(0, -1).every((n) => n === 7));
		for (let i = 0; i < 30; i++)
			assert.ok(names.has(`list-${i}`));
		assert.equal(names.size, pages.reduce((a, b) => a + b));
	});
	await check("versions come in pages, each with its version",
	    async () => {
		const made = new Set(), listed = new Set();
		for (let i = 0; i < 27; i++)
			made.add((await client.createEcKey("many")).properties
			    .version);
		for await (const p of client.listPropertiesOfKeyVersions(
		    "many", { maxPageSize: 10 }))
			listed.add(p.version);
		assert.equal(made.size, 27);
		assert.deepEqual(listed, made);
	});
	await check("an old version is still read and used", async () => {
		const first = await client.createEcKey("twice");
		const second = await client.createEcKey("twice");
		const got = await client.getKey("twice",
		    { version: first.properties.version });
		assert.deepEqual(got.key.x, first.key.x);
		assert.deepEqual((await client.getKey("twice")).key.x,
		    second.key.x);
		const { result } = await using(got).sign("ES256",
		    digest("ES256", data));
		assert.ok(verifies("ES256", publicFrom(first.key), data, result));
	});
}

async function changes() {
	const key = await client.createRsaKey("changing", { hsm: true });
	const cached = using(key);
	const sum = digest("RS256", data);
	const update = (v) => client.updateKeyProperties("changing",
	    key.properties.version, v);
	const sign = () => cached.sign("RS256", sum);

	await sign();
	await check("a disabled key does nothing", async () => {
		assert.equal((await update({ enabled: false })).properties
		    .enabled, false);
		await refused(sign(), 403, "Forbidden", /disabled key/);
		await update({ enabled: true });
		await sign();
	});
	await check("key_ops are enforced", async () => {
		const got = await update({ keyOps: ["verify"] });
		assert.deepEqual(got.keyOperations, ["verify"]);
		await refused(sign(), 403, "Forbidden",
		    /^Operation sign is not permitted on this key/);
		await update({ keyOps: ["sign", "verify"] });
	});
	await check("not-before and expiry are enforced", async () => {
		const later = new Date(Date.now() + 3600e3);
		const before = new Date(Date.now() - 3600e3);
		const got = await update({ notBefore: later });
		assert.equal(Math.floor(got.properties.notBefore / 1000),
		    Math.floor(later / 1000));
		await refused(sign(), 403, "Forbidden", /not yet valid/);
		await update({ notBefore: before, expiresOn: before });
		await refused(sign(), 403, "Forbidden", /expired/);
		await update({ expiresOn: later });
		await sign();
	});
	await check("tags are kept", async () => {
		await update({ tags: { a: "1", b: "zwei \u00e4" } });
		assert.deepEqual((await client.getKey("changing")).properties
		    .tags, { a: "1", b: "zwei \u00e4" });
	});
}

async function ends() {
	const quick = { intervalInMs: 20 };
	await check("delete, list, recover", async () => {
		const key = await client.createRsaKey("ending", { hsm: true });
		const gone = await (await client.beginDeleteKey("ending",
		    quick)).pollUntilDone();
		assert.equal(gone.name, "ending");
		assert.ok(gone.properties.scheduledPurgeDate >
		    gone.properties.deletedOn);
		await refused(client.getKey("ending"), 404, "KeyNotFound",
		    /^A key with \(name\/id\) ending was not found/);
		assert.equal((await client.getDeletedKey("ending")).name,
		    "ending");
		const names = [];
		for await (const d of client.listDeletedKeys())
			names.push(d.name);
		assert.deepEqual(names, ["ending"]);
		await refused(client.createRsaKey("ending"), 409, "Conflict",
		    /deleted but recoverable/);
		const back = await (await client.beginRecoverDeletedKey(
		    "ending", quick)).pollUntilDone();
		assert.equal(back.id ?? back.properties?.id, key.id);
		await using(key).sign("RS256", digest("RS256", data));
	});
	await check("delete and purge", async () => {
		await (await client.beginDeleteKey("ending", quick))
		    .pollUntilDone();
		await client.purgeDeletedKey("ending");
		await refused(client.getDeletedKey("ending"), 404,
		    "KeyNotFound", /^Deleted Key not found: ending/);
		await client.createRsaKey("ending", { hsm: true });
	});
}

async function refusals() {
	const bad = (name, promise, message) => check(name, () =>
		refused(promise(), 400, "BadParameter", message));
	const damaged = bytes("rsa2048.byok");
	const package1 = bytes("m1.byok");

	package1[package1.length >> 1] ^= 1;
	await bad("a damaged method-1 package", () => client.importKey("no",
	    { kty: "RSA-HSM", t: package1 }), /./);
	await bad("a method-1 package for another region", () => bring("no",
	    "RSA-HSM", "na.byok"), /another region|is for region/);
	await bad("a method-1 package as EC", () => bring("no", "EC-HSM",
	    "m1.byok", { crv: "P-256" }), /RSA/);
	await bad("bytes that are no package", () => client.importKey("no",
	    { kty: "RSA-HSM", t: new Uint8Array(40) }), /neither/);
	const document = JSON.parse(Buffer.from(damaged).toString());
	const text = document.ciphertext;
	document.ciphertext = (text[0] === "A" ? "B" : "A") + text.slice(1);
	await bad("a damaged method-2 package", () => client.importKey("no",
	    { kty: "RSA-HSM", t: Buffer.from(JSON.stringify(document)) }),
	    /./);
	await bad("a method-2 package of another vault's KEK", () =>
		new KeyClient(url("other.vault.test"), credential, options)
		    .importKey("no", { kty: "RSA-HSM",
			t: bytes("rsa2048.byok") }), /KEK/);
	await bad("RSA as EC", () => bring("no", "EC-HSM", "rsa2048.byok",
	    { crv: "P-256" }), /./);
	await bad("EC of another curve", () => bring("no", "EC-HSM",
	    "P256.byok", { crv: "P-384" }), /./);
	await bad("oct by method 2 into a vault", () => bring("no", "oct-HSM",
	    "aes.byok"), /Managed HSM/);
	await bad("createOctKey in a vault", () => client.createOctKey("no",
	    { hsm: true, keySize: 256 }), /Managed HSM/);
	await bad("createRsaKey of 1024 bits", () => client.createRsaKey("no",
	    { hsm: true, keySize: 1024 }), /key_size/);
	await bad("import beside other operations", () =>
		client.createRsaKey("no", { hsm: true,
			keyOps: ["import", "sign"] }), /import/);
	await bad("a KEK that is not RSA-HSM", () => client.createRsaKey("no",
	    { keyOps: ["import"] }), /import/);
	await bad("EC that encrypts", () => client.createEcKey("no",
	    { hsm: true, keyOps: ["encrypt"] }),
	    /^Unsupported key operation\(s\): "encrypt"\. Supported values/);
	await bad("a KEK that is turned into a signing key", async () => {
		const kek = await client.getKey("KEK");
		return client.updateKeyProperties("KEK",
		    kek.properties.version, { keyOps: ["sign"] });
	}, /import/);
	await bad("a name that is none", () => client.createRsaKey("a_b"), /./);
	await bad("an algorithm of another kind", async () =>
		using(await client.getKey("P256")).sign("ES384",
		    digest("ES384", data)), /incompatible/);
	await bad("a digest of the wrong length", async () =>
		using(await client.getKey("P256")).sign("ES256", data), /./);
	await check("a key that is not there", () => refused(
	    client.getKey("nothing"), 404, "KeyNotFound", /nothing/));
	await check("none of them left a key", () => refused(
	    client.getKey("no"), 404, "KeyNotFound", /no/));
	await check("the client itself keeps the KEK from signing", async () => {
		const kek = await client.getKey("KEK");
		await assert.rejects(using(kek).sign("RS256",
		    digest("RS256", data)), /not supported on key/);
	});
}

await run(async () => {
	for (const part of [imports, created, lists, changes, ends, refusals])
		await part();
});
