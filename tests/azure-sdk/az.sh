#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make check-az: vaultsim against Azure's own az, Debian 12's azure-cli.
# Not part of the ordinary tests, as that package takes 667 MB; installs
# nothing.  Runs in a mount namespace of its own, where /etc/hosts has the
# stand-in's names; the machine's file is not touched.
# shellcheck source-path=SCRIPTDIR/../e2e
src=$(CDPATH='' cd -- "${SW_SRCDIR:-.}" && pwd) || exit 1
python=$(sed -n '1s/^#! *//p' "$(command -v az)" 2>/dev/null)
keyvault=$("${python:-python3}" -c 'import importlib.util as u
print(u.find_spec("azure.cli.command_modules.keyvault")
    .submodule_search_locations[0])' 2>/dev/null)
id=$keyvault/vendored_sdks/azure_keyvault_t1/key_vault_id.py
missing=
for p in az python3 openssl unshare mount; do
	command -v $p >/dev/null || missing="$missing $p"
done
[ -f "$id" ] || missing="$missing azure.cli.command_modules.keyvault"
if [ -n "$missing" ]; then
	echo "check-az cannot run, not here:$missing" >&2
	echo "(Debian 12: apt-get install --no-install-recommends azure-cli)" >&2
	exit 1
fi
if [ -z "${SW_AZ_NAMESPACE-}" ]; then
	SW_AZ_NAMESPACE=1
	export SW_AZ_NAMESPACE
	log=${SW_BUILDDIR:-.}/check-az.log
	if [ "$(id -u)" -eq 0 ]; then map=; else map=-r; fi
	# shellcheck disable=SC2086 # words
	unshare $map -m sh "$0" | tee "$log"
	# It ran to its plan, and nothing failed.
	tail -n 1 "$log" | grep -q '^1\.\.' && ! grep -q '^not ok' "$log"
	exit
fi
. "$src/tests/e2e/lib.sh"
. "$src/tests/transfer/vaultsim.sh"
login=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null
    [ -z "$login" ] || kill "$login" 2>/dev/null
    chmod -R u+rwx "$top" 2>/dev/null; rm -rf "$top"' EXIT

enter az 1
state=$NFSIM_STATE
{
	cat /etc/hosts
	echo 127.0.0.1 sim.vault.test sim.managedhsm.test
} >hosts
mount --bind hosts /etc/hosts || exit 1

new_world DLf3072s256mRijndael 1/1
is 0 'kekpkg make' kekpkg make --region EU --out .
is 0 'generatekey' new_key contosokey
is 0 'ModifyAcls' modify simple contosokey EU
is 0 'Package' package contosokey EU m1
vault_start --region EU

python3 "$src/tests/azure-sdk/az-login.py" "$state/server.pem" \
    >login.out 2>login.err &
login=$!
while [ ! -s login.out ] && kill -0 "$login"; do sleep 0.1; done
read -r msi rm_port <login.out

# Four files of the old client, which Debian leaves out of its package.
mkdir -p shim/azure/keyvault/v7_0
echo '__path__ = __import__("pkgutil").extend_path(__path__, __name__)' \
    >shim/azure/__init__.py
ln -s "$id" shim/azure/keyvault/key_vault_id.py
cat >shim/azure/keyvault/v7_0/key_vault_client.py <<'PY'
class KeyVaultClient:
    def create_key(self):
        """Creates a new key.

        :param vault_base_url: The vault name.
        :type vault_base_url: str
        """
PY
cat >shim/azure/keyvault/v7_0/models.py <<'PY'
class KeyVaultErrorException(Exception):
    pass
PY

rm_url=https://localhost:$rm_port
cat >cloud.json <<JSON
{"endpoints": {"resourceManager": "$rm_url", "management": "$rm_url",
 "activeDirectory": "$rm_url", "activeDirectoryResourceId": "$rm_url",
 "activeDirectoryGraphResourceId": "$rm_url"},
 "suffixes": {"keyvaultDns": ".vault.test:$port",
 "mhsmDns": ".managedhsm.test:$port"}}
JSON
AZURE_CONFIG_DIR=$PWD/az-config AZURE_CORE_COLLECT_TELEMETRY=no
APPSETTING_WEBSITE_SITE_NAME=x MSI_SECRET=s
MSI_ENDPOINT=http://127.0.0.1:$msi/msi
REQUESTS_CA_BUNDLE=$state/ca.pem PYTHONPATH=$PWD/shim PYTHONWARNINGS=ignore
export AZURE_CONFIG_DIR AZURE_CORE_COLLECT_TELEMETRY MSI_SECRET \
    APPSETTING_WEBSITE_SITE_NAME MSI_ENDPOINT REQUESTS_CA_BUNDLE PYTHONPATH \
    PYTHONWARNINGS

is 0 'az cloud register' az cloud register -n sim --cloud-config @cloud.json
is 0 'az cloud set' az cloud set -n sim
is 0 'az login' az login --identity --allow-no-subscriptions
key='az keyvault key'
# shellcheck disable=SC2086 # words
{
	is 0 'az creates a KEK' $key create --vault-name sim -n KEK \
	    --kty RSA-HSM --size 4096 --ops import
	is 0 'az shows it' $key show --vault-name sim -n KEK
	cp "$out" kek.json
	shows 'it may only import' '"import"'
	is 0 'az imports a method-1 package' $key import --vault-name sim \
	    -n one --byok-file KeyTransferPackage-m1.byok
	shows 'as RSA-HSM' '"kty": "RSA-HSM"'
	is 0 'az shows the imported key' $key show --vault-name sim -n one

	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 \
	    -out rsa.pem 2>/dev/null
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
	    -out ec.pem
	is 0 'byok-wrap RSA with the KEK as az shows it' byok-wrap \
	    --kek kek.json --pem rsa.pem --software-key --out rsa.byok
	is 0 'az imports it by method 2' $key import --vault-name sim -n two \
	    --byok-file rsa.byok
	shows 'as RSA-HSM, too' '"kty": "RSA-HSM"'
	is 0 'byok-wrap EC' byok-wrap --kek kek.json --pem ec.pem \
	    --software-key --out ec.byok
	is 0 'az imports EC by method 2' $key import --vault-name sim \
	    -n three --kty EC --curve P-256 --ops sign verify \
	    --byok-file ec.byok
	shows 'as EC-HSM' '"kty": "EC-HSM"'
	is 3 'az show of what is not there' $key show --vault-name sim -n no
	says 'has the code of the service' '(KeyNotFound)'
	cp KeyTransferPackage-m1.byok bad.byok
	printf x | dd of=bad.byok bs=1 seek=2000 conv=notrunc 2>/dev/null
	is 1 'az import of a damaged package' $key import --vault-name sim \
	    -n bad --byok-file bad.byok
	says 'is BadParameter' '(BadParameter)'
	is 0 'az encrypts' $key encrypt --vault-name sim -n one \
	    -a RSA-OAEP-256 --value c2VjcmV0 --data-type base64 \
	    --query result -o tsv
	is 0 'az decrypts what it encrypted' $key decrypt --vault-name sim \
	    -n one -a RSA-OAEP-256 --value "$(cat "$out")" \
	    --data-type base64 --query result -o tsv
	last_line 'the same again' c2VjcmV0
	is 0 'az disables' $key set-attributes --vault-name sim -n one \
	    --enabled false
	shows 'disabled' '"enabled": false'
}
vault_stop
plan
