/* Catalogs in the world's formats: DCAT-US data.json and DCAT-AP RDF/XML, read into drafts of
 * catalog.submit and written from published entries.
 *
 *   data.json ─ dcat_us_read ─┐                                       ┌─ dcat_us_write → data.json
 *                             ├→ datasets ─ dcat_draft → body …       │
 *   RDF/XML ─── dcat_ap_read ─┘             … entry ─ dcat_dataset ───┴─ dcat_ap_write → RDF/XML
 *
 * A dataset is a document with the property names of DCAT-US, whatever it was read from:
 *
 *   identifier title description keyword[] theme[] accessLevel rights accrualPeriodicity issued
 *   spatial temporal publisher.name landingPage
 *   distribution[]: downloadURL accessURL mediaType format
 *
 * What an entry has and DCAT has no word for travels in the property "dirchain:entry"; what DCAT
 * would say and the entry does not is listed in "dirchain:without". So an entry that was written
 * and is read again is the same document. Persons (contactPoint) are never read: no personal data
 * is on the chain. */
#ifndef DIRCHAIN_EXCHANGE_DCAT_H
#define DIRCHAIN_EXCHANGE_DCAT_H

#include "base/bytes.h"
#include "base/doc.h"
#include "base/faults.h"

#define DCAT_FEED_BYTES_MAX (64 * 1024 * 1024)
#define DCAT_DATASETS_MAX 100000
#define DCAT_PROPERTY_ENTRY "dirchain:entry"
#define DCAT_PROPERTY_WITHOUT "dirchain:without"
#define DCAT_PROPERTY_PROVIDER "dirchain:provider"

/* ---- reading a feed ---- */

/* Each dataset of a feed: {"dataset":{…}}, or {"error":"json-duplicate-key"} where it cannot be
 * read, and its "identifier" if that is legible; of data.json with the "line" that it begins in.
 * The caller frees *out. */

struct dcat_place {
    size_t line, column; /* in characters, from 1; 0: nowhere */
};
/* ERR_TOO_LARGE, ERR_JSON_SYNTAX, ERR_JSON_DUPLICATE, ERR_FIELD_TYPE (the feed as a whole, at
 * *place), ERR_FIELD_MISSING (no "dataset"). Numbers that no document may hold become texts, line
 * ends of other systems \n, and control characters U+FFFD, for which dcat_draft refuses the field.
 */
int dcat_us_read(struct doc **out, struct dcat_place *place, struct view text);
/* ERR_TOO_LARGE, ERR_XML_DTD or ERR_ENCODING (no RDF/XML; *line says where), ERR_FIELD_MISSING (no
 * dcat:Dataset). */
int dcat_ap_read(struct doc **out, long *line, struct view text);

/* ---- drafts ---- */

struct dcat_draft {
    struct doc *body;      /* {"code","entry"}, of catalog.submit */
    struct doc *defaulted; /* paths taken from the defaults */
    struct doc *adapted;   /* of {"field","from","to"}: what had to be written in another way */
    struct doc *left_out;  /* names of properties that have no place in an entry */
    struct faults faults;
};
/* `defaults`: {"entry":{…},"cases":[{"field","value","entry":{…}}…]}; those of the cases that apply
 * (the dataset's property has that value) come first. NULL: none. A dataset that was written by
 * dcat_dataset takes none. */
void dcat_draft(struct dcat_draft *out, const struct doc *dataset, const struct doc *defaults);
void dcat_draft_free(struct dcat_draft *draft);
/* The form of a defaults file. */
int dcat_defaults_check(struct faults *faults, const struct doc *defaults);

/* The code that an identifier becomes: itself where it is one, otherwise what is legible of it and
 * a part of its digest. Appended. Returns whether it is the identifier itself. */
bool dcat_code_of(struct buf *out, const char *identifier);

/* ---- writing ---- */

/* The dataset that stands for an entry record of the ledger. */
struct doc *dcat_dataset(const struct doc *record);
/* A whole data.json of an array of datasets. */
struct doc *dcat_us_write(const struct doc *datasets);
/* The same as RDF/XML, appended. */
void dcat_ap_write(struct buf *out, const struct doc *datasets);

/* ---- words of both formats (dcat_words.c) ---- */

enum dcat_word_kind { DCAT_ACCESS, DCAT_UPDATE, DCAT_WORD_KINDS };
/* Our word for one of theirs (of DCAT-US, or an address or name of the EU's authority tables); NULL
 * if there is none. */
const char *dcat_word_ours(enum dcat_word_kind kind, const char *theirs);
const char *dcat_word_us(enum dcat_word_kind kind, const char *ours); /* NULL: DCAT-US has none */
const char *const *dcat_words_us(enum dcat_word_kind kind); /* NULL-terminated; each once */
const char *dcat_word_gloss(const char *us); /* what it is here, in Chinese; NULL */
const char *dcat_word_ap(enum dcat_word_kind kind, const char *ours); /* the whole address */
/* The format (CN 2) of a media type or a short name such as "CSV"; NULL where it does not say. */
const char *dcat_format_of(const char *type);

/* A text as documents may hold it: see dcat_us_read. Appended. */
void dcat_clean_append(struct buf *out, struct view text);

#endif
