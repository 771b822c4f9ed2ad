/* Forms as HTML: one page of A4, the usual Chinese fonts by name, no script, no address. */
#include "exchange/form.h"

#include <inttypes.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=720\">\n" /* a phone shows its whole width */
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">\n<title>";
static const char style[] =
    "</title>\n<style>\n@page { size: A4; margin: 20mm 18mm; }\n"
    "@media screen { html { padding: 24px 16px; } }\n"
    "body { font-family: SimSun, \"Songti SC\", \"Noto Serif CJK SC\", \"Source Han Serif SC\", "
    "\"WenQuanYi Zen Hei\", serif; font-size: 12pt; max-width: 174mm; margin: 0 auto; color: #000; "
    "}\n"
    "h1 { font-size: 18pt; text-align: center; margin: 0 0 8mm; }\np { margin: 0 0 3mm; }\n"
    "table { width: 100%; border-collapse: collapse; table-layout: fixed; }\n"
    "td, th { border: 1px solid #000; padding: 2.2mm 2.5mm; vertical-align: middle; "
    "white-space: pre-wrap; overflow-wrap: anywhere; text-align: left; font-weight: normal; }\n"
    "th { text-align: center; font-weight: bold; }\n"
    "tr.tall td { height: 32mm; vertical-align: top; }\ntr { break-inside: avoid; }\n"
    "</style>\n</head>\n<body>\n";

static void append_escaped(struct buf *out, const char *text)
{
    for (; text != NULL && *text != 0; text++) {
        switch (*text) {
        case '&':
            buf_append_text(out, "&amp;");
            break;
        case '<':
            buf_append_text(out, "&lt;");
            break;
        case '>':
            buf_append_text(out, "&gt;");
            break;
        case '"':
            buf_append_text(out, "&quot;");
            break;
        default:
            buf_append_u8(out, (uint8_t)*text);
        }
    }
}

static void append_cell(struct buf *out, const struct doc *cell)
{
    const char *tag = doc_get_bool(cell, "label", false) ? "th" : "td";
    int64_t span = doc_get_int(cell, "span", 1);
    buf_append_format(out, "<%s", tag);
    if (span > 1) {
        buf_append_format(out, " colspan=\"%" PRId64 "\"", span);
    }
    buf_append_text(out, ">");
    append_escaped(out, doc_get_text(cell, "text"));
    buf_append_format(out, "</%s>", tag);
}

void form_append_html(struct buf *out, const struct doc *form)
{
    const struct doc *rows = doc_get(form, "rows");
    buf_append_text(out, head);
    append_escaped(out, doc_get_text(form, "title"));
    buf_append_text(out, style);
    buf_append_text(out, "<h1>");
    append_escaped(out, doc_get_text(form, "title"));
    buf_append_text(out, "</h1>\n<p>");
    append_escaped(out, doc_get_text(form, "number"));
    buf_append_text(out, "</p>\n<table>\n");
    for (size_t i = 0; i < doc_count(rows); i++) {
        const struct doc *row = doc_at(rows, i);
        const struct doc *cells = doc_get(row, "cells");
        buf_append_text(out, doc_get_bool(row, "tall", false) ? "<tr class=\"tall\">" : "<tr>");
        for (size_t k = 0; k < doc_count(cells); k++) {
            append_cell(out, doc_at(cells, k));
        }
        buf_append_text(out, "</tr>\n");
    }
    buf_append_text(out, "</table>\n</body>\n</html>\n");
}
