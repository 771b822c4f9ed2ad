/* Governance by the center (A3): the working-day calendar. It is ledger state, so that a term means
 * the same on every node, and does not work backwards: what ended stays ended. (The policy profile:
 * profile_dates.c.) */
#include "base/civil.h"
#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"

/* ---- calendar.publish ---- */

/* A year is published once; a correction names the version it corrects, as the notice of 2019-03
 * corrected May of that year. */
static int check_calendar_version(struct rule_context *context, const char *key)
{
    if (doc_get(context->body, "acts_on") != NULL) {
        return rule_subject(context, key) == NULL ? rule_failed(context) : 0;
    }
    return state_get(context->state, key) == NULL
               ? 0
               : rule_fault(context, ERR_DUPLICATE, "D14", "year");
}

int calendar_publish(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "calendar/%d", (int)doc_get_int(context->body, "year", 0));
    struct doc *calendar = doc_new_object();
    record_share(calendar, "off", doc_get(context->body, "off"));
    record_share(calendar, "work", doc_get(context->body, "work"));
    record_share(calendar, "year", doc_get(context->body, "year"));
    int error = civil_calendar_check(context->faults, calendar);
    faults_name_clause(context->faults, "D14");
    int version_error = check_calendar_version(context, key);
    record_share(calendar, "source", doc_get(context->body, "source"));
    record_stamp(context, calendar);
    state_put(context->state, key, calendar);
    /* Every running term is counted again, by the sweep and wherever a rule meets it before. */
    struct doc *recount = doc_new_object();
    doc_set_text(recount, "after", "due/");
    state_put(context->state, "recount", recount);
    return error != 0 ? error : version_error;
}
