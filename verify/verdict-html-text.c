/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as text of a page, and the head of the page.  Ours. */
#include "config.h"

#include <string.h>

#include "nfast/base/text.h"
#include "verify/verdict-html.h"

/* Controls, what is not seen, and what reorders the text around it. */
static bool
hidden(uint32_t c)
{
	return (c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) ||
	    c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    (c >= 0xe000 && c <= 0xf8ff) || c == 0xfeff ||
	    (c >= 0xfff0 && c <= 0xffff) || c >= 0xe0000;
}

void
nf_vfy_html_text(struct nf_buf *out, struct nf_view text)
{
	uint32_t c = 0;
	size_t len;

	for (size_t i = 0; i < text.len; i += len) {
		len = nf_text_utf8_read(text.p + i, text.len - i, &c);
		if (len == 0 || hidden(c)) {
			if (len == 0)
				len = 1;
			for (size_t k = 0; k < len; k++)
				nf_buf_printf(out, "\\x%02x", text.p[i + k]);
		} else if (len == 1 && strchr("&<>\"'", (int)c) != NULL)
			nf_buf_printf(out, "&#%u;", c);
		else
			nf_buf_put(out, text.p + i, len);
	}
}

void
nf_vfy_html_str(struct nf_buf *out, const char *s)
{
	nf_vfy_html_text(out, nf_view_of(s, strlen(s)));
}

static const char style[] =
    ":root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--line:#8c959f;"
    "--soft:#f3f5f7;--pass:#116329;--fail:#b3121d;--warn:#7d4e00;"
    "--na:#57606a}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--fg:#e6edf3;"
    "--bg:#0d1117;--line:#6e7681;--soft:#1b222b;--pass:#56d364;"
    "--fail:#ff8a80;--warn:#e3b341;--na:#9aa4af}}\n"
    "body{font:16px/1.45 system-ui,sans-serif;color:var(--fg);"
    "background:var(--bg);max-width:64rem;margin:1.5rem auto;"
    "padding:0 1rem}\n"
    "h2,td,dd{overflow-wrap:anywhere}\n"
    "article{border-top:2px solid var(--line);margin-top:2.5rem}\n"
    ".badge{display:inline-block;border:2px solid;border-radius:.3rem;"
    "padding:.15rem .6rem;font-weight:bold}\n"
    ".pass{color:var(--pass)}.fail{color:var(--fail)}"
    ".unknown,.claimed,.unanchored{color:var(--warn)}"
    ".not-applicable{color:var(--na)}\n"
    ".simulated{border:3px double;padding:.5rem .8rem;font-weight:bold}\n"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}\n"
    "th,td{border:1px solid var(--line);padding:.25rem .5rem;"
    "text-align:left;vertical-align:top}\n"
    "th{background:var(--soft)}td.n{text-align:right}\n"
    "caption{text-align:left;font-weight:bold;padding:.3rem 0}\n"
    "pre,code{font:.85rem/1.35 ui-monospace,monospace;white-space:pre-wrap;"
    "overflow-wrap:anywhere;margin:0}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.2rem 1rem}dt{font-weight:bold}dd{margin:0}\n"
    "figure{margin:1rem 0;overflow-x:auto}\n"
    "svg{max-width:100%;height:auto;color:var(--fg)}\n"
    "svg text{font:13px system-ui,sans-serif;fill:currentColor}"
    "svg .small{font-size:11px}\n"
    "svg rect{fill:var(--soft);stroke:currentColor;stroke-width:1.5}"
    "svg .dashed{stroke-dasharray:5 4;fill:none}\n"
    "svg path{fill:none;stroke:currentColor;stroke-width:2}"
    "svg path.head{fill:currentColor;stroke:none}"
    "svg .unknown path.line{stroke-dasharray:5 4}\n"
    "@media print{body{max-width:none;margin:0;font-size:10pt}"
    "article+article,.summary{break-before:page}"
    "tr,figure,.badge,.simulated{break-inside:avoid}"
    "thead{display:table-header-group}"
    "*{print-color-adjust:exact}}\n";

void
nf_vfy_html_head(struct nf_buf *out, const char *title)
{
	nf_buf_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<title>");
	nf_vfy_html_str(out, title);
	nf_buf_str(out, "</title>\n<style>\n");
	nf_buf_str(out, style);
	nf_buf_str(out, "</style>\n</head>\n");
}
