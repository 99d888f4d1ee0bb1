/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "verify/verdict-rules.h"

const struct nf_vfy_rule nf_vfy_rules[] = {
	{ "ACLV1", "groups that ask for a certificate name HKNSO" },
	{ "ACLV3", "permissions of groups that ask for no certificate" },
	{ "ACLV4", "kinds of actions" },
	{ "CSRL1", "pubkeydata is the key of a certificate request" },
	{ "KGCV1", "key-generation signature under KML" },
	{ "KGCV2", "key-generation certificate and the key" },
	{ "MSCV1", "module state signature under the warrant's KLF2" },
	{ "MSCV2", "module state certificate and its KML" },
	{ "MSCV3", "ESN against the warrant" },
	{ "MSCV4", "knsopub against the module state's HKNSO" },
	{ "MSCV5", "hkm among the module's keys" },
	{ "RB1", "recovery blob names its wrapping key" },
	{ "RB2", "recovery blob's wrapping key is the world's HKRE" },
	{ "RB3", "recovery blob names its mechanism" },
	{ "RB5", "recovery of the key" },
	{ "WB1", "working blob is under a module key or a token" },
	{ "WB2", "working blob names the world's HKM" },
	{ "WB3", "working blob is not under a null module key" },
	{ "WB5", "protection of the key" },
	{ "WB6", "working blob's token has parameters" },
	{ "WBCV1", "one certificate for the module keys" },
	{ "WBCV2", "module keys under KNSO" },
	{ "WBCV3", "its form is that of the world" },
	{ "WBCV4", "certificate for the recovery keys" },
	{ "WBCV5", "recovery keys under KNSO" },
	{ "WV1", "warrant chain from an accepted root to the module" },
	{ "byok1.blob-frame",
	    "private blob's frame names the KEK and mechanism 149" },
	{ "byok1.container", "parts of the package, each in its place" },
	{ "byok1.esn", "ESN entry against the state certificate" },
	{ "byok1.filename",
	    "KeyTokenFileName, ident and name are the GlobalKeyId" },
	{ "byok1.global-id", "GlobalKeyId names subscription and public key" },
	{ "byok1.keyfile", "key file container and entries" },
	{ "byok1.keygen", "key-generation certificate under KML" },
	{ "byok1.keyhash", "key hash against PublicKey" },
	{ "byok1.kml", "KML public blob against the state certificate" },
	{ "byok1.kml-esn", "certificate of KMC over KML and ESN" },
	{ "byok1.pubblob", "public blob opens and holds the key" },
	{ "byok1.region", "KEK and world are those of the region" },
	{ "byok1.signature",
	    "outer signature, RSA with SHA-256, by the transferred key" },
	{ "byok1.state", "module state certificate under its KLF" },
	{ "byok2.alg", "alg is dir" },
	{ "byok2.base64", "ciphertext is base64url" },
	{ "byok2.enc", "enc is RSA-AES key wrap" },
	{ "byok2.json", "one JSON object" },
	{ "byok2.kek", "the KEK that was given" },
	{ "byok2.kid", "kid names a key of a service" },
	{ "byok2.length", "C1 of a KEK, C2 of RFC 5649" },
	{ "byok2.members", "the specified members and no others" },
	{ "byok2.padding", "padding of the base64url" },
	{ "byok2.signature", "signature, which the format does not have" },
	{ "cert.chain", "delegations to the leaf's signer" },
	{ "cert.leaf", "feature certificate under the key in it" },
	{ "kek.acl-actions", "KEK's ACL has only the rights of a KEK" },
	{ "kek.acl-archive", "KEK cannot be archived" },
	{ "kek.acl-blob", "KEK is kept only under the region's module key" },
	{ "kek.acl-decrypt", "KEK can neither decrypt nor sign at will" },
	{ "kek.acl-expand", "KEK's ACL cannot be expanded" },
	{ "kek.acl-export", "KEK cannot be exported" },
	{ "kek.acl-use", "KEK may wrap keys" },
	{ "kek.esn", "ESN entry against the state" },
	{ "kek.hash", "KEK's hash in entry, blob and certificate" },
	{ "kek.keygen", "KEK's generation certificate under KML" },
	{ "kek.kml", "KML public blob against the state" },
	{ "kek.kml-esn", "certificate of KMC over KML and ESN" },
	{ "kek.known-hash", "KEK and world are the region's published ones" },
	{ "kek.pubblob", "KEK's public blob opens and holds RSA" },
	{ "kek.region", "KEK's ident is that of the region named" },
	{ "kek.state", "KEK module's state under its KLF" },
	{ "key.entries", "entries of a key file" },
	{ "key.esn", "ESN entry against the state certificate" },
	{ "key.keygen", "key-generation certificate under KML" },
	{ "key.keyhash", "key hash against that certificate" },
	{ "key.kml", "KML public blob against the state certificate" },
	{ "key.kml-esn", "certificate of KMC over KML and ESN" },
	{ "key.privblob", "private blob" },
	{ "key.pubblob", "public blob opens and holds the key" },
	{ "key.state", "module state certificate" },
	{ "module.entries", "entries against the state certificate" },
	{ "module.kml", "KML public blob against its hash" },
	{ "module.kml-esn", "certificate of KMC over KML and ESN" },
	{ "module.state", "module state certificate" },
	{ "pair", "KEK package and SecurityWorld package belong together" },
	{ "root", "root is an accepted one" },
	{ "root.chain", "KEK module's KLF under a root" },
	{ "sums.match", "packages are those that the checksums are of" },
	{ "token.entries", "entries of an operator token's file" },
	{ "token.hashes", "hashes have 20 bytes" },
	{ "token.index", "number of the card in its set" },
	{ "token.name", "name is a text" },
	{ "token.params", "token parameters are those of its kind" },
	{ "token.share", "share of the softcard" },
	{ "toolset.archive", "archive has one reading" },
	{ "toolset.code", "package names carry the code of the zip's region" },
	{ "toolset.contents", "the documented files are there" },
	{ "toolset.data", "every entry unpacks to its size and CRC" },
	{ "toolset.hash", "SHA-256 of the zip is a published one" },
	{ "toolset.names", "names are plain" },
	{ "toolset.others", "nothing else needs trust" },
	{ "toolset.packages", "the two region packages can be read" },
	{ "toolset.region", "packages are of the region of the zip" },
	{ "verdict", "verdict on the whole file" },
	{ "world.chain", "world module's KLF under a root" },
	{ "world.hkm", "module holds the world's key" },
	{ "world.km-acl", "module key cannot be exported" },
	{ "world.km-keygen", "module key was generated in the module" },
	{ "world.kmc", "KMC public blob against its hash" },
	{ "world.knso", "KNSO is that of the module's world" },
	{ "world.kra", "KRA public blob against its hash" },
	{ "world.kre", "KRE public blob against its hash" },
	{ "world.module", "world and KEK are of one module" },
	{ "world.modulekeys", "module keys signed by KNSO" },
	{ "world.recovery", "recovery keys under KNSO" },
	{ "world.region", "both packages name one region" },
	{ "world.state", "world module's state under its KLF" },
};

const size_t nf_vfy_n_rules = sizeof(nf_vfy_rules) / sizeof(nf_vfy_rules[0]);

/* By how ids begin; all others are of bundles. */
static const struct {
	const char *lead, *files;
} leads[] = {
	{ "byok1.", "method-1 packages" },
	{ "byok2.", "method-2 packages" },
	{ "cert.", "feature certificates" },
	{ "kek.", "KEK packages of a region" },
	{ "key.", "key files" },
	{ "module.", "module files" },
	{ "pair", "the two packages of a region" },
	{ "root.", "KEK packages of a region" },
	{ "root", "files with a chain to a root" },
	{ "sums.", "the checksums of byok-wrap" },
	{ "token.", "files of cards, card sets and softcards" },
	{ "toolset.", "toolset zips" },
	{ "verdict", "all files" },
	{ "world.", "world files and SecurityWorld packages" },
	{ "WV", "attestation bundles and warrants" },
	{ "", "attestation bundles" }
};

size_t
nf_vfy_rule_find(const char *id)
{
	size_t lo = 0, hi = nf_vfy_n_rules;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(nf_vfy_rules[mid].id, id);

		if (c == 0)
			return mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return nf_vfy_n_rules;
}

const char *
nf_vfy_rule_files(const struct nf_vfy_rule *rule)
{
	size_t i = 0;

	while (strncmp(rule->id, leads[i].lead, strlen(leads[i].lead)) != 0)
		i++;
	return leads[i].files;
}
