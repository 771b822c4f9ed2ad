/* The parts of an .xlsx file: a ZIP archive of XML documents. minizip stays behind xlsx_parts.c,
 * expat behind xlsx_xml.c.
 *
 * Bounds (limits.h): entries of the archive, bytes that all parts inflate to while they are read,
 * depth of elements, bytes of one token. Names of entries are looked up and never become paths.
 * A document type declaration is refused, so there are no entities but XML's own five. */
#ifndef DIRCHAIN_EXCHANGE_XLSX_PARTS_H
#define DIRCHAIN_EXCHANGE_XLSX_PARTS_H

#include "base/bytes.h"

struct xlsx_parts;
/* The archive is borrowed. ERR_SHEET_FORM (no archive, damaged, two entries of one name, encrypted
 * ones), ERR_SHEET_LARGE (too many). */
int xlsx_parts_open(struct xlsx_parts **out, struct view archive);
void xlsx_parts_close(struct xlsx_parts **parts);
/* Gives a part's bytes piece by piece. ERR_NOT_FOUND; ERR_SHEET_FORM, ERR_SHEET_LARGE; or what
 * `take` returned, which ends the reading when it is not 0. */
int xlsx_parts_read(struct xlsx_parts *parts, const char *name,
                    int (*take)(void *context, struct view piece), void *context);

/* What is told of an XML document. Names are without their prefixes. A function that returns an
 * error ends the reading. `text` may come in pieces. */
struct xlsx_events {
    int (*open)(void *context, const char *name, const char *const *attributes);
    int (*close)(void *context, const char *name);
    int (*text)(void *context, struct view text); /* or NULL */
};
/* Reads a part as XML. Errors as above. */
int xlsx_xml_read(struct xlsx_parts *parts, const char *name, const struct xlsx_events *events,
                  void *context);
/* The value of an attribute by its name without prefix; NULL if there is none. */
const char *xlsx_xml_attribute(const char *const *attributes, const char *name);

#endif
