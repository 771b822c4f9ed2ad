/* Which halt and which measure stands against an access (OPEN 31, 32). */
#include "chain/rules/bars.h"

#include "base/errors.h"

#include <string.h>

/* A measure reaches one grant, all that one provider gives, or all that the consumer has; to the
 * last millisecond of its last day. */
static bool reaches(const struct doc *measure, const struct doc *grant, int64_t now_ms)
{
    const char *id = doc_get_text(measure, "grant");
    const char *provider = doc_get_text(measure, "provider");
    return now_ms < doc_get_int(measure, "until_ms", INT64_MAX) &&
           (id == NULL || doc_text_is(grant, "request", id)) &&
           (provider == NULL || doc_text_is(grant, "provider", provider));
}

int access_barred(struct access_bar *bar, const struct doc *halt, const struct doc *restriction,
                  const struct doc *grant, int64_t now_ms)
{
    size_t cursor = 0;
    const char *id;
    const struct doc *measure, *measures = doc_get(restriction, "measures");
    if (doc_count(doc_get(halt, "notices")) > 0) {
        *bar = (struct access_bar){.clause = "OPEN 31", .field = "grant.entry"};
        return ERR_ENTRY_HALTED;
    }
    while (measures != NULL && doc_next(measures, &cursor, &id, &measure)) {
        if (doc_text_is(measure, "measure", "close") && reaches(measure, grant, now_ms)) {
            *bar = (struct access_bar){.clause = "OPEN 32", .field = "grant.consumer"};
            return ERR_ACCESS_CLOSED;
        }
    }
    return 0;
}

int64_t access_calls_max(const struct doc *restriction, const struct doc *grant, int64_t now_ms,
                         int64_t calls_max)
{
    size_t cursor = 0;
    const char *id;
    const struct doc *measure, *measures = doc_get(restriction, "measures");
    while (measures != NULL && doc_next(measures, &cursor, &id, &measure)) {
        int64_t calls = doc_get_int(measure, "calls_per_day", calls_max);
        if (calls < calls_max && reaches(measure, grant, now_ms)) {
            calls_max = calls;
        }
    }
    return calls_max;
}
