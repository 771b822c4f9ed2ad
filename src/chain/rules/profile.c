/* The policy profile: what differs between districts is a number or a word in it, never a branch in
 * code. The table (tables_profile.c) bounds each value; here is what must fit together, judged also
 * where the form is at fault: a null is what was given and cannot be read (schema_readable). */
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"

#include <stdio.h>
#include <string.h>

/* Strictly ascending, so that one policy has one form. */
static int check_ascending(struct faults *faults, const struct doc *list, const char *path,
                           const char *name)
{
    for (size_t i = 1; i < doc_count(list); i++) {
        if (doc_int(doc_at(list, i), INT64_MAX) <= doc_int(doc_at(list, i - 1), 0)) {
            faults_note_may(faults, ERR_FIELD_FORMAT, "ascending");
            return faults_add(faults, ERR_FIELD_FORMAT, "PT 19", "%s.scenario.%s[%zu]", path, name,
                              i);
        }
    }
    return 0;
}

/* PT 19: cases of the document's own that one of these lists names are there. */
static int check_own_cases(struct faults *faults, const struct doc *scenario, const char *path,
                           const char *name)
{
    int error = 0;
    const struct doc *own = doc_get(scenario, "own"), *list = doc_get(scenario, name);
    for (size_t i = 0; i < doc_count(list); i++) {
        int64_t number = doc_int(doc_at(list, i), 0);
        size_t k = 0;
        while (k < doc_count(own) && doc_get_int(doc_at(own, k), "case", 0) != number) {
            k++;
        }
        if (number > SCENARIO_CASES_COMMON && k == doc_count(own)) {
            error = faults_add(faults, ERR_FIELD_CHOICE, "PT 19", "%s.scenario.%s[%zu]", path, name,
                               i);
        }
    }
    return error;
}

static int check_own_ascend(struct faults *faults, const struct doc *own, const char *path)
{
    for (size_t i = 1; i < doc_count(own); i++) {
        if (doc_get_int(doc_at(own, i), "case", INT64_MAX) <=
            doc_get_int(doc_at(own, i - 1), "case", 0)) {
            faults_note_may(faults, ERR_FIELD_FORMAT, "ascending");
            return faults_add(faults, ERR_FIELD_FORMAT, "PT 19", "%s.scenario.own[%zu].case", path,
                              i);
        }
    }
    return 0;
}

/* PT 19 (二): 经区大数据中心评估. What is shown as the second case has nothing else to show. */
static int check_found_by_center(struct faults *faults, const struct doc *scenario,
                                 const char *path)
{
    int error = 0;
    const struct doc *own = doc_get(scenario, "own"), *cases = doc_get(scenario, "cases");
    const struct doc *assessed = doc_get(scenario, "assessed");
    for (size_t i = 0; rule_is_readable(assessed) && i < doc_count(cases); i++) {
        int64_t number = doc_int(doc_at(cases, i), 0);
        bool second = number == 2;
        for (size_t k = 0; k < doc_count(own); k++) {
            const struct doc *each = doc_at(own, k);
            second = second || (doc_get_int(each, "case", 0) == number &&
                                number > SCENARIO_CASES_COMMON && doc_get_int(each, "as", 0) == 2);
        }
        if (second && !doc_has_int(assessed, number)) {
            error =
                faults_add(faults, ERR_CASE_UNASSESSED, "PT 19", "%s.scenario.cases[%zu]", path, i);
        }
    }
    return error;
}

static int check_scenario(struct faults *faults, const struct doc *scenario, const char *path)
{
    const struct doc *cases = doc_get(scenario, "cases");
    const struct doc *assessed = doc_get(scenario, "assessed");
    int error = check_ascending(faults, cases, path, "cases");
    int other = check_ascending(faults, assessed, path, "assessed");
    const struct doc *own = doc_get(scenario, "own");
    int descends = check_own_ascend(faults, own, path);
    error = error != 0 ? error : other != 0 ? other : descends;
    if (own == NULL || rule_is_readable(own)) {
        int unknown = check_own_cases(faults, scenario, path, "cases");
        error = error != 0 ? error : unknown;
    }
    int unassessed = check_found_by_center(faults, scenario, path);
    error = error != 0 ? error : unassessed;
    for (size_t i = 0; rule_is_readable(cases) && i < doc_count(assessed); i++) {
        const struct doc *number = doc_at(assessed, i);
        if (doc_kind(number) == DOC_INT && !doc_has_int(cases, doc_int(number, 0))) {
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
        const char *mode = doc_text(doc_at(assessed, i));
        for (size_t k = 0; mode != NULL && k < i; k++) {
            const char *other = doc_text(doc_at(assessed, k));
            if (other != NULL && strcmp(other, mode) == 0) {
                return faults_add(faults, ERR_DUPLICATE, "PT 21", "%s.modes.assessed[%zu]", path,
                                  i);
            }
        }
    }
    return 0;
}

/* One section of the table that is a term, and those inside it: exactly one unit. */
static int check_length(struct faults *faults, const struct doc *section, const char *path)
{
    const char *unit = NULL;
    for (enum civil_unit i = 0; i < CIVIL_UNITS; i++) {
        const char *text = civil_unit_text(i);
        if (doc_get(section, text) != NULL && unit != NULL) {
            return faults_add(faults, ERR_DUPLICATE, "D14", "%s.%s", path, text);
        }
        unit = doc_get(section, text) != NULL ? text : unit;
    }
    return unit != NULL ? 0 : faults_add(faults, ERR_FIELD_MISSING, "D14", "%s.days", path);
}

static bool is_term(const struct field *fields)
{
    const char *unit = civil_unit_text(CIVIL_CALENDAR_DAYS);
    while (fields->name != NULL && strcmp(fields->name, unit) != 0) {
        fields++;
    }
    return fields->name != NULL;
}

static int check_lengths(struct faults *faults, const struct field *fields,
                         const struct doc *object, const char *path)
{
    int first = 0;
    for (const struct field *field = fields; field->name != NULL; field++) {
        const struct doc *section = doc_get(object, field->name);
        if (field->kind != FIELD_OBJECT || doc_kind(section) != DOC_OBJECT) {
            continue;
        }
        char at[FAULT_FIELD_BYTES_MAX];
        (void)snprintf(at, sizeof at, "%s%s%s", path, path[0] != 0 ? "." : "", field->name);
        int error = is_term(field->fields) ? check_length(faults, section, at) : 0;
        int inner = check_lengths(faults, field->fields, section, at);
        error = error != 0 ? error : inner;
        first = first != 0 ? first : error;
    }
    return first;
}

/* PT 26: suspension and termination are one procedure. */
static int check_disuse(struct faults *faults, const struct doc *profile, const char *path)
{
    bool disuse = doc_get(profile, "disuse") != NULL;
    return disuse == (doc_get(profile, "objection") != NULL)
               ? 0
               : faults_add(faults, ERR_FIELD_MISSING, "PT 26", "%s%s%s", path,
                            path[0] == 0 ? "" : ".", disuse ? "objection" : "disuse");
}

/* PT 24, CN 17: what goes up finds somebody who rules. */
static int check_ruling(struct faults *faults, const struct doc *profile, const char *path)
{
    bool needed = doc_get(profile, "dispute") != NULL ||
                  doc_text_is(doc_get(profile, "answer"), "silence", "escalate");
    return needed && doc_get(profile, "ruling") == NULL
               ? faults_add(faults, ERR_FIELD_MISSING, "PT 24, CN 17", "%s%sruling", path,
                            path[0] != 0 ? "." : "")
               : 0;
}

/* PT 23, CN 5: what goes up is a need. */
static int check_upper(struct faults *faults, const struct doc *profile, const char *path)
{
    return doc_get(profile, "upper") == NULL || doc_get(profile, "need") != NULL
               ? 0
               : faults_add(faults, ERR_FIELD_MISSING, "PT 23, CN 5", "%s%sneed", path,
                            path[0] != 0 ? "." : "");
}

/* Nobody rules on its own case, and each case finds somebody: of the agencies one always is left.
 */
static int check_substitutes(struct faults *faults, const struct doc *profile, const char *path)
{
    const struct doc *instead = doc_get(doc_get(profile, "ruling"), "instead");
    size_t count = doc_count(instead);
    const char *last = count == 0 ? NULL : doc_text(doc_at(instead, count - 1));
    return last == NULL || strcmp(last, "provider") == 0
               ? 0
               : faults_add(faults, ERR_FIELD_CHOICE, "PT 24, CN 17", "%s%sruling.instead[%zu]",
                            path, path[0] != 0 ? "." : "", count - 1);
}

static int check_content(struct faults *faults, const struct doc *profile, const char *path)
{
    int errors[] = {
        check_scenario(faults, doc_get(profile, "scenario"), path),
        check_modes(faults, doc_get(profile, "modes"), path),
        check_lengths(faults, rules_profile_fields, profile, path),
        check_disuse(faults, profile, path),
        check_ruling(faults, profile, path),
        check_substitutes(faults, profile, path),
        check_upper(faults, profile, path),
    };
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof errors / sizeof *errors; i++) {
        error = errors[i];
    }
    return error;
}

int rules_check_profile(struct faults *faults, const struct doc *profile, const char *path)
{
    path = path == NULL ? "" : path;
    int error = schema_check_fields(rules_profile_fields, profile, path, faults);
    AUTO(doc_free) struct doc *readable = schema_readable(rules_profile_fields, profile);
    int other = check_content(faults, readable, path);
    faults_name_clause(faults, "A3"); /* fields that stand in no clause of the documents */
    return error != 0 ? error : other;
}

void profile_check_body(struct rule_context *context)
{
    (void)check_content(context->faults, doc_get(context->body, "profile"), "profile");
}
