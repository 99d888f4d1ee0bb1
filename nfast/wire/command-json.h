/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands and replies as JSON, for traces.  Names of fields are real, the
 * form is ours.  What is secret never appears: PINs, plaintext, private and
 * symmetric keys and random bytes are {"secret": LENGTH}.
 */
#ifndef NF_WIRE_COMMAND_JSON_H
#define NF_WIRE_COMMAND_JSON_H

#include "nfast/wire/command.h"
#include "nfast/wire/names.h"

/*
 * Append the fields of a command, or of its reply, as one JSON object.
 *   cmd  its number; one that is not known has no fields
 * Names stand for modes, mechanisms, types and formats, hex for hashes,
 * blobs and signatures, a text for ACLs; all of it is ASCII.
 */
void nf_wire_args_json(struct nf_buf *buf, uint32_t cmd, bool reply,
    const struct nf_args *args);

/* Append the name of a number as a JSON string, "#N" when there is none. */
void nf_wire_name_json(struct nf_buf *buf, const struct nf_name *table,
    uint32_t number);

#endif
