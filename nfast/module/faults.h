/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NFSIM_FAULTS: a simulated module that fails when it is told to.  Language
 * and behaviour are ours.
 *
 *	faults = fault *( ";" fault )
 *	fault  = point ":" when "=" action
 *	point  = "command" | "reply" | "commit" | the name of a command
 *	when   = number from 1, counted in one process | "*"
 *
 * Actions of "command" and of named commands, before these run:
 *	STATUS		answer with this status instead
 *	drop		no reply: the connection is lost
 *	eject		the card in the slot is taken out first
 *	delay:TIME	wait first; TIME is a number with ms or s, at most 60s
 * Actions of "reply", after the command was carried out:
 *	corrupt[:N]	all bits of byte N are wrong, or of the middle byte
 *	truncate:N	only the first N bytes are left
 *	drop, delay:TIME
 * Actions of "commit", each writing of the module's state or of a card:
 *	cut-before, cut-after	the power fails: the process ends at once, with
 *			status NF_FAULTS_CUT_EXIT
 *	delay:TIME	before it
 *
 * Every fault counts for itself what its point names, from the power-up of a
 * module on.  Of several that are due at once the first counts, and all
 * delays.  No blanks; names in any case.
 */
#ifndef NF_MODULE_FAULTS_H
#define NF_MODULE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/err.h"

#define NF_FAULTS_ENV		"NFSIM_FAULTS"
#define NF_FAULTS_MAX		64
#define NF_FAULTS_CUT_EXIT	79

struct nf_faults;

enum nf_fault_kind {
	NF_FAULT_NONE,
	NF_FAULT_STATUS,	/* value: NF_ST_* */
	NF_FAULT_DROP,
	NF_FAULT_EJECT,
	NF_FAULT_DELAY,		/* value: milliseconds */
	NF_FAULT_CORRUPT,	/* value: byte, UINT32_MAX for the middle */
	NF_FAULT_TRUNCATE,	/* value: bytes left */
	NF_FAULT_CUT_BEFORE,
	NF_FAULT_CUT_AFTER
};

struct nf_fault {
	enum nf_fault_kind kind;
	uint32_t value;
	uint32_t delay;		/* milliseconds to wait before, see _wait() */
};

/*
 * Read a text in that language.
 *   text  may be NULL: no faults, and *out is NULL
 *   out   free with nf_faults_free()
 * Returns 0, NF_E_USAGE (diag: the byte of the text) or NF_E_NOMEM.
 */
int nf_faults_open(const char *text, struct nf_faults **out,
    struct nf_diag *diag);
void nf_faults_free(struct nf_faults *f);

/* A command is about to run: say what is due. */
void nf_faults_command(struct nf_faults *f, uint32_t cmd,
    struct nf_fault *out);

/*
 * Spoil a reply as told.
 *   delay  milliseconds to wait before it is sent
 * Returns 0 or NF_E_IO, when it is dropped.
 */
int nf_faults_reply(struct nf_faults *f, struct nf_buf *reply,
    uint32_t *delay);

/* Sleep so long, also over signals. */
void nf_faults_wait(uint32_t milliseconds);

/* A commit begins, or (after) has taken place.  Waits, and may end the
 * process. */
void nf_faults_commit(struct nf_faults *f, bool after);

#endif
