/* SPDX-License-Identifier: Apache-2.0 */
/* The verb "kekpkg show FILE". */
#ifndef NF_KEK_SHOW_H
#define NF_KEK_SHOW_H

/* As main(); the verb is argv[0].  Returns the exit status. */
int nf_kek_show_run(int argc, char **argv);

#endif
