/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeds out of artefacts that our own programs made (seeds.sh), and the roots
 * of the simulator that they come from.
 */
#ifndef NF_TESTS_FUZZ_SEED_ARTEFACTS_H
#define NF_TESTS_FUZZ_SEED_ARTEFACTS_H

#include "nfast/base/buf.h"

/* factory-root and factory-kwarn under NFSIM_INSECURE_SEED 'fuzz seeds'. */
#define SEED_ROOT	"71b2b19564a692224ef1bb03d2f824b0bbbc8f64"
#define SEED_KWARN_X \
	"01f1f12899547484b44383f5e5e6d8e29c77fac5e6dc8cbc9ae9d1b2c19853dafc" \
	"8b0a1c53d07da6d88e03da0d001d49027b7e61b3d96403d62e98ced1fb1f139684"
#define SEED_KWARN_Y \
	"0083a19659fa039b79106f8524f13aec89c6f35e6b50f40f012c50bd06d2af9340" \
	"44e472daf061d731ebfaa6244874d46b463be85564099000a495d9f9f52c88f4b3"

/* Give those of a directory to seed, which writes them with mutations. */
void seed_artefacts(const char *dir,
    void (*seed)(const char *target, const char *name, struct nf_buf *buf));

#endif
