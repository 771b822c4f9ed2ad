/* The records that a form is filled in from, read by whatever means there is: from a store, or from
 * a node over HTTP. */
#ifndef DIRCHAIN_EXCHANGE_FORM_RECORDS_H
#define DIRCHAIN_EXCHANGE_FORM_RECORDS_H

#include "exchange/form.h"

enum form_record {
    FORM_PROFILE,
    FORM_CENTER,
    FORM_PROVIDER,
    FORM_CONSUMER,
    FORM_ENTRY,
    FORM_COLLECTION,
    FORM_REQUEST,
    FORM_ANSWER,
    FORM_GRANT,
    FORM_RECORDS
};

struct form_records {
    struct doc *items[FORM_RECORDS]; /* NULL: there is none */
};

/* Sets *out to the record under a state key, NULL if there is none. 0, or what went wrong. */
typedef int (*form_read_fn)(void *context, struct doc **out, const char *key);

/* What form_of_collection needs. 0, or what `read` returned; then *found says whether there are
 * figures of a collection to certify. */
int form_read_collection(struct form_records *records, bool *found, form_read_fn read,
                         void *context, const char *provider, const char *code);
/* What form_of_request needs, by the request's txid. */
int form_read_request(struct form_records *records, bool *found, form_read_fn read, void *context,
                      const char *id);
void form_records_free(struct form_records *records);

/* Contact and phone are left empty. Borrows from the records. */
struct form_facts form_facts_of(const struct form_records *records);

#endif
