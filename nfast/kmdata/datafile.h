/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The KM datafile: the container of every file of kmdata/local and of the
 * key token inside a method-1 package.  Container and numbers below 0x53570000
 * are real; the entries named "secworld:..." are ours.
 *
 *	20 bytes "nCipher KM datafile" NUL, u32 time high, u32 time low (Unix
 *	seconds), u32 count, then entries { u32 type, u32 length, data, zero
 *	padding to 4 }; nothing after the last entry.
 *
 * Knows nothing of what an entry means: see keyfile.h and the world file of
 * the host.
 */
#ifndef NF_KMDATA_DATAFILE_H
#define NF_KMDATA_DATAFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/base/text.h"

#define NF_KM_ENTRIES_MAX	256
#define NF_KM_FILE_MAX		(1 << 20)

/* The last second of the year 9999; a larger time is swapped or garbage. */
#define NF_KM_TIME_MAX		UINT64_C(253402300799)

/* Entry types (KeyMgmtEntType) that the project writes or interprets. */
enum {
	NF_ENT_INDEX = 2,
	NF_ENT_OLD_HASH_KA = 3,
	NF_ENT_ESN_MODULE = 4,
	NF_ENT_DATE_WORLD_INIT = 5,
	NF_ENT_PARAMS_LTU = 6,
	NF_ENT_IDENT = 8,
	NF_ENT_APPNAME = 9,
	NF_ENT_NONKEY = 100,
	NF_ENT_NAME = 101,
	NF_ENT_PARAMS_LTNSO = 122,
	NF_ENT_BLOB_KNSO = 123,
	NF_ENT_PARAMS_LTM = 124,
	NF_ENT_BLOB_KM = 125,
	NF_ENT_BLOB_KMC = 126,
	NF_ENT_PARAMS_LTP = 127,
	NF_ENT_BLOB_KP = 128,
	NF_ENT_PARAMS_LTR = 129,
	NF_ENT_BLOB_KRE = 130,
	NF_ENT_BLOB_KRA = 131,
	NF_ENT_BLOBPUB_KNSO = 132,
	NF_ENT_BLOBPUB_KMC = 133,
	NF_ENT_CERT_KM_KMC_B_KNSO = 134,
	NF_ENT_CERT_KP_B_KNSO = 135,
	NF_ENT_CERT_KRE_KRA_B_KNSO = 136,
	NF_ENT_HASH_KM = 137,
	NF_ENT_HASH_KNSO = 138,
	NF_ENT_CERT_KM_KMC_B_KMC = 139,
	NF_ENT_BLOBPUB_KRE = 140,
	NF_ENT_BLOBPUB_KRA = 141,
	NF_ENT_HASH_KRE = 142,
	NF_ENT_HASH_KRA = 143,
	NF_ENT_CERT_KM_KMC_KFIPS_B_KNSO = 144,
	NF_ENT_CERT_KM_KMC_KFIPS_B_KMC = 145,
	NF_ENT_BLOB_KFIPS = 146,
	NF_ENT_BLOBPUB_KFIPS = 147,
	NF_ENT_CERT_KM_KMC_KFIPS_B_KFIPS = 148,
	NF_ENT_KEYPUB_KNSO = 149,
	NF_ENT_CERT_DELG_FIPS_B_NSO = 150,
	NF_ENT_MESG_DELG_FIPS_B_NSO = 151,
	NF_ENT_PARAMS_LTFIPS = 152,
	NF_ENT_HASH_KFIPS = 153,
	NF_ENT_HASH_KMC = 154,
	NF_ENT_BLOBPUB_KP = 155,
	NF_ENT_HASH_KP = 156,
	NF_ENT_CERT_GEN_KNSO = 157,
	NF_ENT_MESG_GEN_KNSO = 158,
	NF_ENT_PARAMS_LTR_KILLED = 159,
	NF_ENT_CERT_KRE_KRA_B_KNSO_KILLED = 160,
	NF_ENT_HASH_KRA_KILLED = 161,
	NF_ENT_HASH_KRE_KILLED = 162,
	NF_ENT_PARAMS_LTNV = 163,
	NF_ENT_BLOB_KNV = 164,
	NF_ENT_BLOBPUB_KNV = 165,
	NF_ENT_HASH_KNV = 166,
	NF_ENT_PARAMS_LTRTC = 167,
	NF_ENT_BLOB_KRTC = 168,
	NF_ENT_BLOBPUB_KRTC = 169,
	NF_ENT_HASH_KRTC = 170,
	NF_ENT_CERT_KNV_B_KNSO = 171,
	NF_ENT_MESG_DELG_NV_B_NSO = 172,
	NF_ENT_CERT_DELG_NV_B_NSO = 173,
	NF_ENT_MESG_DELG_RTC_B_NSO = 174,
	NF_ENT_CERT_DELG_RTC_B_NSO = 175,
	NF_ENT_CERT_GEN_KM = 176,
	NF_ENT_MESG_GEN_KM = 177,
	NF_ENT_CERT_GEN_KMC = 178,
	NF_ENT_MESG_GEN_KMC = 179,
	NF_ENT_CERT_GEN_KRA = 180,
	NF_ENT_MESG_GEN_KRA = 181,
	NF_ENT_CERT_GEN_KRE = 182,
	NF_ENT_MESG_GEN_KRE = 183,
	NF_ENT_CERT_GEN_KP = 184,
	NF_ENT_MESG_GEN_KP = 185,
	NF_ENT_ESN_GEN = 186,
	NF_ENT_MESG_GEN_KNV = 187,
	NF_ENT_CERT_GEN_KNV = 188,
	NF_ENT_MESG_GEN_KRTC = 189,
	NF_ENT_CERT_GEN_KRTC = 190,
	NF_ENT_CERT_KRTC_B_KNSO = 191,
	NF_ENT_CERT_KDSEE_B_KNSO = 192,
	NF_ENT_CERT_DSEEALL_B_KNSO = 193,
	NF_ENT_PARAMS_LTDSEE = 194,
	NF_ENT_BLOB_KDSEE = 195,
	NF_ENT_BLOBPUB_KDSEE = 196,
	NF_ENT_HASH_KDSEE = 197,
	NF_ENT_MESG_DELG_DSEE_B_NSO = 198,
	NF_ENT_CERT_DELG_DSEE_B_NSO = 199,
	NF_ENT_BLOB_KA = 200,
	NF_ENT_OLD_APPNAME = 201,
	NF_ENT_APP_INFO = 202,
	NF_ENT_BLOB_RECOVERY_KA = 203,
	NF_ENT_HASH_KA = 204,
	NF_ENT_CERT_KML_ESN = 210,
	NF_ENT_HASH_KML = 211,
	NF_ENT_RECOVERABLE_PIN = 212,
	NF_ENT_MESG_SEND_B_KMC = 213,
	NF_ENT_CERT_SEND_B_KMC = 214,
	NF_ENT_PARAMS_LTFTO = 220,
	NF_ENT_BLOB_KFTO = 221,
	NF_ENT_BLOBPUB_KFTO = 222,
	NF_ENT_HASH_KFTO = 223,
	NF_ENT_CERT_KFTO_B_KNSO = 224,
	NF_ENT_MESG_DELG_FTO_B_NSO = 225,
	NF_ENT_CERT_DELG_FTO_B_NSO = 226,
	NF_ENT_MESG_GEN_KFTO = 227,
	NF_ENT_CERT_GEN_KFTO = 228,
	NF_ENT_BLOBPUB_KA = 301,
	NF_ENT_EXT_FILENAME = 302,
	NF_ENT_EXT_FILENAME_HOST = 303,
	NF_ENT_BLOBPUB_KML = 304,
	NF_ENT_CERT_GEN_KA = 305,
	NF_ENT_MESG_GEN_KA = 306,
	NF_ENT_IDENT_SEE_INTEG = 307,
	NF_ENT_TIME_LIMIT = 308,
	NF_ENT_PER_AUTH_USE_LIMIT = 309,
	NF_ENT_CERT_MODULE_STATE = 310,
	NF_ENT_MESG_MODULE_STATE = 311,
	NF_ENT_LTUC_SOFT_TOKEN = 312,
	NF_ENT_MESG_GEN_KDSEE = 400,
	NF_ENT_CERT_GEN_KDSEE = 401,
	NF_ENT_HASH_NON_DES3_KM = 402,
	NF_ENT_MODULE_KEY_TYPE = 403,
	NF_ENT_NSO_TIMEOUT = 404,
	NF_ENT_CIPHER_SUITE = 405,
	NF_ENT_HASH_CIPHER_SUITE_KM = 406,
	NF_ENT_ALWAYS_USE_STRONG_PRIMES = 407,
	NF_ENT_PP_MIN = 408,
	NF_ENT_DISABLE_PKCS1_PADDING = 409,
	NF_ENT_PP_STRENGTH_CHECK = 410,
	NF_ENT_AUDIT_LOGGING = 411,
	NF_ENT_COMMON_CRITERIA_CMTS = 412,
	NF_ENT_FIPS_LEVEL3_V2 = 413,
	NF_ENT_USE_FIPS_INTERNAL_MECHS = 414,
	NF_ENT_WORLD_VERSION = 415,
	NF_ENT_MESG_WORLD_STATE = 417,
	NF_ENT_CERT_WORLD_STATE = 418,

	/* Ours. */
	NF_ENT_SW_MARK = 0x53570000,	/* text: who simulated this */
	NF_ENT_SW_ROOTCHAIN = 0x53570001, /* CertificateList, root to KLF */
	NF_ENT_SW_REGION = 0x53570002	/* text: the simulated region */
};

/* Every KeyMgmtEntType, and ours as "secworld:Mark" and so on. */
extern const struct nf_name nf_km_types[];

/* One entry; data borrows from the input and is not NULL, even when empty. */
struct nf_km_entry {
	uint32_t type;
	struct nf_view data;
};

struct nf_km_file {
	uint64_t time;		/* Unix seconds */
	struct nf_view bytes;	/* the whole file */
	uint32_t n;
	struct nf_km_entry entry[NF_KM_ENTRIES_MAX];
};

/*
 * Read a whole datafile: the cursor up to its end.
 *   out  new, views into the cursor's bytes; free with nf_km_file_free();
 *        NULL unless 0 is returned
 * Returns 0, NF_E_FORMAT (the cursor's diag: offset and field) or NF_E_NOMEM.
 * Does not look into entries and lets a type occur several times.
 */
int nf_km_file_read(struct nf_cur *cur, struct nf_km_file **out);

/* Free the list, not the bytes.  file may be NULL. */
void nf_km_file_free(struct nf_km_file *file);

/* At least one entry has that type. */
bool nf_km_file_has(const struct nf_km_file *file, uint32_t type);

/*
 * The only entry of a type, borrowed.
 *   out  {NULL, 0} unless found
 * nf_km_file_one: NF_E_FORMAT "missing" when there is none.
 * nf_km_file_opt: none is no error; out->p is then NULL.
 * Both: NF_E_FORMAT "given twice"; the diag's field is the type's name.
 */
int nf_km_file_one(const struct nf_km_file *file, uint32_t type,
    struct nf_view *out, struct nf_diag *diag);
int nf_km_file_opt(const struct nf_km_file *file, uint32_t type,
    struct nf_view *out, struct nf_diag *diag);

/*
 * The builder of a datafile, appending to buf, which it borrows.  Errors are
 * sticky in buf: NF_E_INTERNAL for more than NF_KM_ENTRIES_MAX entries, a
 * time above NF_KM_TIME_MAX or a file above NF_KM_FILE_MAX.
 */
struct nf_km_writer {
	struct nf_buf *buf;
	size_t start;
	size_t count_at;
	uint32_t n;
};

/*
 * Begin a file in buf, which is borrowed, and append entries: bytes, a text
 * with its NUL, a number.  Errors stick in the buffer.
 */
void nf_km_begin(struct nf_km_writer *w, struct nf_buf *buf, uint64_t time);
void nf_km_put(struct nf_km_writer *w, uint32_t type, struct nf_view data);
void nf_km_put_str(struct nf_km_writer *w, uint32_t type, const char *s);
void nf_km_put_u32(struct nf_km_writer *w, uint32_t type, uint32_t value);

/* Patch the count.  The writer is spent. */
void nf_km_end(struct nf_km_writer *w);

#endif
