/* Forms for paper: a title, a number, and a grid of boxes, as documents; printed as HTML (A4, no
 * scripts, nothing fetched) or as .xlsx.
 *
 *   {"title","number","columns":4,"rows":[{"tall":true,"cells":[{"text","span":3,"label":true}…]}…]}
 *
 * The boxes of a row span all columns together. */
#ifndef DIRCHAIN_EXCHANGE_FORM_H
#define DIRCHAIN_EXCHANGE_FORM_H

#include "base/doc.h"

/* ---- forms of the ledger's records ---- */

/* What a form is filled in from. NULL where there is none: its boxes stay empty. */
struct form_facts {
    const struct doc *profile; /* the policy that the record was decided by */
    const struct doc *center;  /* member records */
    const struct doc *provider;
    const struct doc *consumer;
    const struct doc *entry;      /* entry/… */
    const struct doc *collection; /* collection/… */
    const struct doc *request;    /* request/… */
    const struct doc *answer;     /* answer/… */
    const struct doc *grant;      /* grant/… */
    /* Who to call: not on the ledger, filled in where the form is printed. */
    const char *contact, *phone;
};

/* CN 附件1: 公共数据汇聚成果认定表. Caller owns. */
struct doc *form_of_collection(const struct form_facts *facts);
/* CN 附件2: 公共数据共享申请审核表. Caller owns. */
struct doc *form_of_request(const struct form_facts *facts);

/* ---- printing ---- */

/* Appends a page of HTML. */
void form_append_html(struct buf *out, const struct doc *form);
/* Appends an .xlsx workbook of one sheet. ERR_SHEET_LARGE, ERR_IO. */
int form_write_xlsx(struct buf *out, const struct doc *form);

#endif
