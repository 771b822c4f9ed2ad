/* The policy profile: what differs between districts is a number or a word in it, never a branch in
 * code. The table (tables_profile.c) bounds each value; here is what must fit together. */
#include "base/errors.h"
#include "chain/rules/records.h"

#include <string.h>

/* Strictly ascending, so that one policy has one form. */
static int check_ascending(struct faults *faults, const struct doc *list, const char *path,
                           const char *name)
{
    for (size_t i = 1; i < doc_count(list); i++) {
        if (doc_int(doc_at(list, i), 0) <= doc_int(doc_at(list, i - 1), 0)) {
            return faults_add(faults, ERR_FIELD_FORMAT, "PT 19", "%s.scenario.%s[%zu]", path, name,
                              i);
        }
    }
    return 0;
}

static int check_scenario(struct faults *faults, const struct doc *scenario, const char *path)
{
    const struct doc *cases = doc_get(scenario, "cases");
    const struct doc *assessed = doc_get(scenario, "assessed");
    int error = check_ascending(faults, cases, path, "cases");
    int other = check_ascending(faults, assessed, path, "assessed");
    error = error != 0 ? error : other;
    for (size_t i = 0; i < doc_count(assessed); i++) {
        if (!doc_has_int(cases, doc_int(doc_at(assessed, i), 0))) {
            error =
                faults_add(faults, ERR_FIELD_CHOICE, "PT 19", "%s.scenario.assessed[%zu]", path, i);
        }
    }
    return error;
}

static int check_modes(struct faults *faults, const struct doc *modes, const char *path)
{
    const struct doc *assessed = doc_get(modes, "assessed");
    for (size_t i = 0; i < doc_count(assessed); i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(doc_text(doc_at(assessed, k)), doc_text(doc_at(assessed, i))) == 0) {
                return faults_add(faults, ERR_DUPLICATE, "PT 21", "%s.modes.assessed[%zu]", path,
                                  i);
            }
        }
    }
    return 0;
}

int rules_check_profile(struct faults *faults, const struct doc *profile, const char *path)
{
    path = path == NULL ? "" : path;
    int error = schema_check_fields(rules_profile_fields, profile, path, faults);
    if (error != 0) {
        return error;
    }
    error = check_scenario(faults, doc_get(profile, "scenario"), path);
    int other = check_modes(faults, doc_get(profile, "modes"), path);
    return error != 0 ? error : other;
}
