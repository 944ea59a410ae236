/*
 * Pages. They are shown on the way to or from GitHub, so they say what happened
 * and where to go on, and nothing else.
 */
#include "fcgi/signin/html.h"

#include "fcgi/http/err_row.h"
#include "fcgi/http/resp.h"

static const char head[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "\t<meta charset=\"utf-8\">\n"
    "\t<meta name=\"viewport\""
    " content=\"width=device-width, initial-scale=1\">\n"
    "\t<meta name=\"color-scheme\" content=\"light dark\">\n"
    "\t<meta name=\"robots\" content=\"noindex\">\n"
    "\t<title>%s · io7</title>\n"
    "\t<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n"
    "\t<link rel=\"stylesheet\" href=\"/assets/io7.css\">\n"
    "</head>\n"
    "<body>\n"
    "\t<header class=\"bar\">\n"
    "\t\t<a class=\"mark\" href=\"/\">io7</a>\n"
    "\t</header>\n"
    "\t<main class=\"lost\">\n"
    "\t\t<h1>%s</h1>\n";

struct buf *
html_begin(struct req *r, int status, const char *title)
{
	struct buf *b = resp_body(r, status);

	r->answer.type = "text/html; charset=utf-8";
	resp_header(r, "Cache-Control", "no-store");
	buf_printf(b, head, title, title);
	return b;
}

void
html_end(struct buf *b)
{
	buf_puts(b, "\t</main>\n</body>\n</html>\n");
}

static void
html_text(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '&':
			buf_puts(b, "&amp;");
			break;
		case '<':
			buf_puts(b, "&lt;");
			break;
		case '>':
			buf_puts(b, "&gt;");
			break;
		case '"':
			buf_puts(b, "&quot;");
			break;
		default:
			buf_putc(b, s.p[i]);
		}
}

void
html_link(struct buf *b, struct str to, const char *words)
{
	buf_puts(b, "\t\t<p><a class=\"button\" href=\"");
	html_text(b, to);
	buf_printf(b, "\">%s</a></p>\n", words);
}

enum err
html_fault(struct req *r, const char *title, const char *again)
{
	const struct err_row *row = err_row(r->fault.err);
	const char *sentence =
	    r->fault.sentence ? r->fault.sentence : row->sentence;
	struct buf *b = html_begin(r, row->status, title);

	if (row->status == 503)
		resp_header(r, "Retry-After", "1");
	buf_puts(b, "\t\t<p class=\"lede\">");
	html_text(b, str_of(sentence));
	buf_puts(b, "</p>\n");
	html_link(b, str_of(again), "Try again");
	buf_puts(b, "\t\t<p><small>Request ");
	html_text(b, r->id);
	buf_puts(b, "</small></p>\n");
	html_end(b);
	return OK;
}
