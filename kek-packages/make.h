/* SPDX-License-Identifier: Apache-2.0 */
/* The verb "make" of kekpkg. */
#ifndef NF_KEK_MAKE_H
#define NF_KEK_MAKE_H

/* Run it with the verb as argv[0]; returns the exit status. */
int nf_kek_make_run(int argc, char **argv);

#endif
