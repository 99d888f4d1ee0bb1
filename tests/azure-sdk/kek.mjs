// SPDX-License-Identifier: Apache-2.0
// The KEK: made and read by the official client, written down as az keyvault
// key show would.
import assert from "node:assert/strict";
import fs from "node:fs";
import { KeyClient } from "@azure/keyvault-keys";
import { Credential, check, file, options, run, url } from "./harness.mjs";

await run(async () => {
	const credential = new Credential();
	const client = new KeyClient(url("sim.vault.test"), credential, options);
	let kek;

	await check("createRsaKey with keyOps import makes a KEK", async () => {
		kek = await client.createRsaKey("KEK", { hsm: true,
			keySize: 4096, keyOps: ["import"] });
		assert.equal(kek.name, "KEK");
		assert.equal(kek.keyType, "RSA-HSM");
		assert.deepEqual(kek.keyOperations, ["import"]);
		assert.equal(kek.key.n.length, 512);
		assert.match(kek.properties.version, /^[0-9a-f]{32}$/);
		assert.equal(kek.properties.enabled, true);
	});
	await check("the challenge named the domain of the vault", () => {
		assert.match(credential.scopes[0],
		    /^https:\/\/vault\.test(:[0-9]+)?\/\.default$/);
		assert.match(credential.tenant, /^[0-9a-f-]{36}$/);
	});
	await check("getKey gives the same KEK", async () => {
		const got = await client.getKey("KEK");
		assert.deepEqual(got.key.n, kek.key.n);
		assert.equal(got.id, kek.id);
	});
	const b64 = (v) => Buffer.from(v).toString("base64");
	fs.writeFileSync(file("kek.json"), JSON.stringify({ key: {
		crv: null, e: b64(kek.key.e), n: b64(kek.key.n),
		keyOps: kek.keyOperations, kid: kek.id, kty: kek.keyType } }));
});
