/* Which records belong to which form. */
#include "exchange/form_records.h"

#include "base/memory.h"
#include "chain/rules/records.h"

#include <inttypes.h>
#include <stdio.h>

struct reading {
    struct form_records *records;
    form_read_fn read;
    void *context;
    int error; /* the first; nothing is read after it */
};

/* The record "<table>/<id>", or with a code behind it; `id` NULL: none, and no fault. */
static void take(struct reading *reading, enum form_record which, const char *table, const char *id,
                 const char *code)
{
    AUTO(buf_free) struct buf key = {0};
    if (reading->error != 0 || id == NULL) {
        return;
    }
    buf_append_format(&key, "%s/%s%s%s", table, id, code == NULL ? "" : "/",
                      code == NULL ? "" : code);
    reading->error =
        reading->read(reading->context, &reading->records->items[which], buf_text(&key));
}

/* What every form has: the policy that its record was decided by, or the one in force where none
 * was, and the center. */
static void take_common(struct reading *reading, enum form_record which)
{
    AUTO(doc_free) struct doc *center = NULL;
    char instant[20];
    struct doc **profile = &reading->records->items[FORM_PROFILE];
    const struct doc *decided = doc_get(reading->records->items[which], "profile_ms");
    if (doc_kind(decided) == DOC_INT) {
        (void)snprintf(instant, sizeof instant, "%016" PRIx64,
                       record_instant(doc_int(decided, 0)));
        take(reading, FORM_PROFILE, "profile", instant, NULL);
    }
    if (reading->error == 0 && *profile == NULL) {
        reading->error = reading->read(reading->context, profile, "profile");
    }
    if (reading->error == 0) {
        reading->error = reading->read(reading->context, &center, "center");
    }
    take(reading, FORM_CENTER, "member", doc_get_text(center, "id"), NULL);
}

int form_read_collection(struct form_records *records, bool *found, form_read_fn read,
                         void *context, const char *provider, const char *code)
{
    struct reading reading = {.records = records, .read = read, .context = context};
    take(&reading, FORM_COLLECTION, "collection", provider, code);
    *found = doc_get(records->items[FORM_COLLECTION], "report") != NULL;
    take(&reading, FORM_PROVIDER, "member", provider, NULL);
    take_common(&reading, FORM_COLLECTION);
    return reading.error;
}

int form_read_request(struct form_records *records, bool *found, form_read_fn read, void *context,
                      const char *id)
{
    struct reading reading = {.records = records, .read = read, .context = context};
    take(&reading, FORM_REQUEST, "request", id, NULL);
    const struct doc *request = records->items[FORM_REQUEST];
    const char *provider = doc_get_text(request, "provider");
    *found = request != NULL;
    take(&reading, FORM_PROVIDER, "member", provider, NULL);
    take(&reading, FORM_CONSUMER, "member", doc_get_text(request, "consumer"), NULL);
    take(&reading, FORM_ENTRY, "entry", provider, doc_get_text(request, "entry"));
    take(&reading, FORM_ANSWER, "answer", id, NULL);
    take(&reading, FORM_GRANT, "grant", id, NULL);
    take_common(&reading, FORM_REQUEST);
    return reading.error;
}

void form_records_free(struct form_records *records)
{
    for (size_t i = 0; i < FORM_RECORDS; i++) {
        doc_free(&records->items[i]);
    }
}

struct form_facts form_facts_of(const struct form_records *records)
{
    return (struct form_facts){.profile = doc_get(records->items[FORM_PROFILE], "profile"),
                               .center = records->items[FORM_CENTER],
                               .provider = records->items[FORM_PROVIDER],
                               .consumer = records->items[FORM_CONSUMER],
                               .entry = records->items[FORM_ENTRY],
                               .collection = records->items[FORM_COLLECTION],
                               .request = records->items[FORM_REQUEST],
                               .answer = records->items[FORM_ANSWER],
                               .grant = records->items[FORM_GRANT]};
}
