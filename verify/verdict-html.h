/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the HTML report, which is ours. */
#ifndef NF_VERIFY_VERDICT_HTML_H
#define NF_VERIFY_VERDICT_HTML_H

#include "verify/verdict.h"

/*
 * Append any bytes as text for elements and quoted attributes: markup is
 * escaped, and what is no UTF-8, a control, or changes the direction of the
 * text around it is \xNN.  A newline stays.
 */
void nf_vfy_html_text(struct nf_buf *out, struct nf_view text);
void nf_vfy_html_str(struct nf_buf *out, const char *s);

/* Append the picture of v's links as inline SVG; nothing without links. */
void nf_vfy_html_chain(struct nf_buf *out, const struct nf_vfy_verdict *v);

/* Append the head of the page, up to and with its style. */
void nf_vfy_html_head(struct nf_buf *out, const char *title);

#endif
