/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the passphrases of cards come from: the lines (ended by LF or CR LF)
 * of the file NFSIM_PINS in order, else a prompt on the terminal, else nothing
 * and one clear error.
 */
#ifndef NF_HOST_PINS_H
#define NF_HOST_PINS_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/err.h"
#include "nfast/wire/prim.h"

struct nf_pins;

/*
 * Open the source that the environment names.
 *   needed  number of cards that the operation will ask for: a file with
 *           fewer lines is refused now, before anything is changed
 * Errors: NF_E_USAGE (no file and no terminal), NF_E_NOTFOUND, NF_E_IO,
 * NF_E_FORMAT (too few lines, a line over 1023 bytes).
 */
int nf_pins_open(unsigned int needed, struct nf_pins **out,
    struct nf_diag *diag);

/* Every card has the empty passphrase (simulated regions). */
int nf_pins_none(struct nf_pins **out, struct nf_diag *diag);
void nf_pins_close(struct nf_pins *pins);

/*
 * The next passphrase as a PIN, SHA-1 of its bytes; an empty one means the
 * card has none and has_pin is false.
 *   prompt  for the terminal, e.g. "Module 1 slot 0: passphrase for card 2"
 *   twice   ask again and compare (new cards, terminal only)
 */
int nf_pins_next(struct nf_pins *pins, const char *prompt, bool twice,
    uint8_t pin[static NF_HASH_LEN], bool *has_pin, struct nf_diag *diag);

/* Give the passphrases that were asked for once more, without asking. */
void nf_pins_rewind(struct nf_pins *pins);

/* Give the last one once more, without asking: the same card again. */
void nf_pins_repeat(struct nf_pins *pins);

/* A wrong passphrase may be asked for again (terminal). */
bool nf_pins_can_retry(const struct nf_pins *pins);

#endif
