/* A dataset as a draft of an entry, and an entry as a dataset: one table of what both can say, used
 * in both directions, so that what is written and read again is the same document.
 *
 *   entry.name         title                 entry.update        accrualPeriodicity
 *   entry.summary      description           entry.opening       accessLevel
 *   entry.theme        theme                 entry.opening_conditions  rights, if conditional
 *   entry.keywords     keyword               entry.published_on  issued, its date
 *   entry.region       spatial               entry.source.store  landingPage, or a distribution's
 *   entry.period       temporal, two dates   entry.coverage      spatial and temporal
 *   entry.manager      publisher.name        entry.licence       license
 *   entry.format       distribution's type   code                identifier
 *
 * accessLevel says what the public may see: the open attribute (OPEN 14). How agencies share (CN
 * 14) DCAT does not say; no clause derives one from the other, so sharing comes from the defaults.
 */
#include "exchange/dcat_parts.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/catalog.h"
#include "chain/schema.h"

#include <string.h>

/* ---- notes ---- */

/* Properties that have no place in an entry: told by name, never silently. */
static void note_left_out(struct dcat_draft *draft, const struct doc *dataset)
{
    static const char *const used[] = {
        "@type",     "identifier",         "title",  "description", "theme",       "spatial",
        "temporal",  "publisher",          "issued", "accessLevel", "keyword",     "license",
        "accessURL", "accrualPeriodicity", "rights", "landingPage", "distribution"};
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    const struct doc *entry = doc_get(draft->body, "entry");
    while (doc_next(dataset, &cursor, &name, &value)) {
        bool known = strncmp(name, "dirchain:", strlen("dirchain:")) == 0;
        for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
            known = known || strcmp(name, used[i]) == 0;
        }
        bool idle = strcmp(name, "rights") == 0 && !doc_text_is(entry, "opening", "conditional");
        if (!known || idle) {
            doc_push_text(draft->left_out, name);
        }
    }
    const struct doc *others = doc_get(dataset, "dirchain:others");
    for (size_t i = 0; doc_kind(others) == DOC_ARRAY && i < doc_count(others); i++) {
        if (doc_text(doc_at(others, i)) != NULL) { /* a feed may have a property of that name */
            doc_push(draft->left_out, doc_ref(doc_at(others, i)));
        }
    }
}

/* A word of theirs that we have none for: what stands for it came from the defaults, or nothing
 * does, and the field is at fault. */
static void note_word(struct dcat_draft *draft, enum dcat_word_kind kind, const char *theirs,
                      const char *property, const char *field)
{
    if (theirs == NULL || dcat_word_ours(kind, theirs) != NULL) {
        return;
    }
    AUTO(buf_free) struct buf path = {0};
    const char *filled = doc_get_text(doc_get(draft->body, "entry"), field);
    if (filled == NULL) {
        if (strstr(theirs, "://") == NULL) { /* no address of DCAT-AP */
            faults_note_choices(&draft->faults, dcat_words_us(kind), dcat_word_gloss);
        }
        faults_add(&draft->faults, ERR_FIELD_CHOICE, NULL, "%s", property);
    } else {
        buf_append_format(&path, "entry.%s", field);
        dcat_adapt(draft, buf_text(&path), theirs, filled);
    }
}

/* ---- defaults ---- */

static void fill(struct dcat_draft *draft, const struct doc *dataset, const struct doc *defaults)
{
    struct doc *entry = doc_copy(doc_get(draft->body, "entry"));
    const struct doc *cases = doc_get(defaults, "cases");
    for (size_t i = 0; i < doc_count(cases); i++) {
        const struct doc *one = doc_at(cases, i);
        if (doc_text_is(dataset, doc_get_text(one, "field"), doc_get_text(one, "value"))) {
            doc_fill_in(entry, doc_get(one, "entry"), draft->defaulted);
        }
    }
    doc_fill_in(entry, doc_get(defaults, "entry"), draft->defaulted);
    doc_set(draft->body, "entry", entry);
}

static const struct field *entry_fields(void)
{
    const struct field *field = schema_find("catalog.submit")->fields;
    while (strcmp(field->name, "entry") != 0) {
        field++;
    }
    return field->fields;
}

static void check_entry_names(struct faults *faults, const struct doc *entry, const char *path)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    if (entry != NULL && doc_kind(entry) != DOC_OBJECT) {
        faults_add(faults, ERR_FIELD_TYPE, NULL, "%s", path);
        return;
    }
    while (doc_next(entry, &cursor, &name, &value)) {
        const struct field *field = entry_fields();
        while (field->name != NULL && strcmp(field->name, name) != 0) {
            field++;
        }
        if (field->name == NULL) {
            faults_add(faults, ERR_FIELD_UNKNOWN, NULL, "%s.%s", path, name);
        }
    }
}

int dcat_defaults_check(struct faults *faults, const struct doc *defaults)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    if (doc_kind(defaults) != DOC_OBJECT) {
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "%s", "");
    }
    while (doc_next(defaults, &cursor, &name, &value)) {
        if (strcmp(name, "entry") != 0 && strcmp(name, "cases") != 0) {
            faults_add(faults, ERR_FIELD_UNKNOWN, NULL, "%s", name);
        }
    }
    check_entry_names(faults, doc_get(defaults, "entry"), "entry");
    const struct doc *cases = doc_get(defaults, "cases");
    if (cases != NULL && doc_kind(cases) != DOC_ARRAY) {
        faults_add(faults, ERR_FIELD_TYPE, NULL, "cases");
    }
    for (size_t i = 0; doc_kind(cases) == DOC_ARRAY && i < doc_count(cases); i++) {
        AUTO(buf_free) struct buf path = {0};
        const struct doc *one = doc_at(cases, i);
        if (doc_get_text(one, "field") == NULL || doc_get_text(one, "value") == NULL ||
            doc_get(one, "entry") == NULL) {
            faults_add(faults, ERR_FIELD_MISSING, NULL, "cases[%zu]", i);
        }
        buf_append_format(&path, "cases[%zu].entry", i);
        check_entry_names(faults, doc_get(one, "entry"), buf_text(&path));
    }
    return faults_first(faults);
}

/* ---- faults that need no ledger ---- */

/* Texts that were damaged on their way: a control character became U+FFFD, or the agency's own
 * export had put one there. */
static void check_damaged(struct faults *faults, const struct doc *value, const char *path)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *member;
    if (doc_text(value) != NULL && strstr(doc_text(value), "\xef\xbf\xbd") != NULL) {
        faults_add(faults, ERR_TEXT_DAMAGED, NULL, "%s", path);
    }
    for (size_t i = 0; doc_kind(value) == DOC_ARRAY && i < doc_count(value); i++) {
        AUTO(buf_free) struct buf place = {0};
        buf_append_format(&place, "%s[%zu]", path, i);
        check_damaged(faults, doc_at(value, i), buf_text(&place));
    }
    while (doc_kind(value) == DOC_OBJECT && doc_next(value, &cursor, &name, &member)) {
        AUTO(buf_free) struct buf place = {0};
        buf_append_format(&place, "%s.%s", path, name);
        check_damaged(faults, member, buf_text(&place));
    }
}

/* ---- drafts ---- */

/* What the entry lacks for a fault that is told of the dataset's own property. */
static void forget_missing(struct faults *faults, const char *property, const char *path)
{
    bool told = false;
    size_t kept = 0;
    for (size_t i = 0; i < faults->count; i++) {
        told = told || strcmp(faults->item[i].field, property) == 0;
    }
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->item[i];
        if (!told || fault->error != ERR_FIELD_MISSING || strcmp(fault->field, path) != 0) {
            faults->item[kept++] = *fault;
        }
    }
    faults->count = kept;
}

/* Faults of the body, in the terms of the dataset where that is what is wrong. */
static void check_body(struct dcat_draft *draft)
{
    static const char *const ours_of[][2] = {{"identifier", "code"},
                                             {"title", "entry.name"},
                                             {"description", "entry.summary"},
                                             {"accessLevel", "entry.opening"},
                                             {"accrualPeriodicity", "entry.update"},
                                             {"issued", "entry.published_on"}};
    if (schema_check(schema_find("catalog.submit"), draft->body, &draft->faults) == 0) {
        (void)entry_check_content(&draft->faults, doc_get(draft->body, "entry"));
    }
    for (size_t i = 0; i < sizeof ours_of / sizeof *ours_of; i++) {
        forget_missing(&draft->faults, ours_of[i][0], ours_of[i][1]);
    }
}

/* What only the extension says, over what DCAT's words say. */
static void overlay(struct doc *entry, const struct doc *dataset)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    const struct doc *without = doc_get(dataset, DCAT_PROPERTY_WITHOUT);
    while (doc_next(doc_get(dataset, DCAT_PROPERTY_ENTRY), &cursor, &name, &value)) {
        doc_set(entry, name, doc_ref(value));
    }
    for (size_t i = 0; doc_kind(without) == DOC_ARRAY && i < doc_count(without); i++) {
        if (doc_text(doc_at(without, i)) != NULL) {
            doc_remove(entry, doc_text(doc_at(without, i)));
        }
    }
}

static void draft_code(struct dcat_draft *draft, const struct doc *dataset)
{
    AUTO(buf_free) struct buf code = {0};
    const char *identifier = dcat_text_of(draft, dataset, "identifier");
    if (identifier == NULL) {
        if (draft->faults.count == 0) { /* it is there, and no text */
            faults_add(&draft->faults, ERR_FIELD_MISSING, NULL, "identifier");
        }
        return;
    }
    if (!dcat_code_of(&code, identifier)) {
        dcat_adapt(draft, "code", identifier, buf_text(&code));
    }
    doc_set_text(draft->body, "code", buf_text(&code));
}

void dcat_draft(struct dcat_draft *out, const struct doc *dataset, const struct doc *defaults)
{
    *out = (struct dcat_draft){.body = doc_new_object(),
                               .defaulted = doc_new_array(),
                               .adapted = doc_new_array(),
                               .left_out = doc_new_array()};
    const struct doc *extension = doc_get(dataset, DCAT_PROPERTY_ENTRY);
    bool ours = doc_kind(extension) == DOC_OBJECT;
    draft_code(out, dataset);
    struct doc *entry = dcat_derive(out, dataset);
    if (extension != NULL && !ours) {
        faults_note_may(&out->faults, ERR_FIELD_TYPE, "object");
        faults_add(&out->faults, ERR_FIELD_TYPE, NULL, "%s", DCAT_PROPERTY_ENTRY);
    }
    if (ours) {
        overlay(entry, dataset);
    }
    doc_set(out->body, "entry", entry);
    if (!ours) {
        check_damaged(&out->faults, entry, "entry");
        fill(out, dataset, defaults);
        note_word(out, DCAT_UPDATE, doc_get_text(dataset, "accrualPeriodicity"),
                  "accrualPeriodicity", "update");
        note_word(out, DCAT_ACCESS, doc_get_text(dataset, "accessLevel"), "accessLevel", "opening");
    }
    note_left_out(out, dataset);
    check_body(out);
}

void dcat_draft_free(struct dcat_draft *draft)
{
    doc_free(&draft->body);
    doc_free(&draft->defaulted);
    doc_free(&draft->adapted);
    doc_free(&draft->left_out);
}

/* ---- the way back ---- */

static void say_source(struct doc *dataset, const struct doc *entry)
{
    const char *store = doc_get_text(doc_get(entry, "source"), "store");
    if (store != NULL &&
        (strncmp(store, "https://", 8) == 0 || strncmp(store, "http://", 7) == 0)) {
        doc_set_text(dataset, "landingPage", store);
    }
}

static void say(struct doc *dataset, const char *property, const struct doc *entry,
                const char *name)
{
    if (doc_get(entry, name) != NULL) {
        doc_set(dataset, property, doc_ref(doc_get(entry, name)));
    }
}

static void say_period(struct doc *dataset, const struct doc *period)
{
    const char *from = doc_get_text(period, "from");
    const char *to = doc_get_text(period, "to");
    if (from != NULL) {
        doc_set_format(dataset, "temporal", "%s/%s", from, to == NULL ? ".." : to);
    }
}

/* The entry's members that DCAT's words do not give back as they are, and those they would add. */
static void say_rest(struct doc *dataset, const struct doc *entry)
{
    AUTO(dcat_draft_free)
    struct dcat_draft read = {.adapted = doc_new_array()};
    AUTO(doc_free) struct doc *derived = dcat_derive(&read, dataset);
    struct doc *extension = doc_new_object();
    struct doc *without = doc_new_array();
    const char *name;
    const struct doc *value;
    for (size_t cursor = 0; doc_next(entry, &cursor, &name, &value);) {
        if (doc_get(derived, name) == NULL || !doc_equal(doc_get(derived, name), value)) {
            doc_set(extension, name, doc_ref(value));
        }
    }
    for (size_t cursor = 0; doc_next(derived, &cursor, &name, &value);) {
        if (doc_get(entry, name) == NULL) {
            doc_push_text(without, name);
        }
    }
    doc_set(dataset, DCAT_PROPERTY_ENTRY, extension);
    if (doc_count(without) > 0) {
        doc_set(dataset, DCAT_PROPERTY_WITHOUT, doc_ref(without));
    }
    doc_free(&without);
}

struct doc *dcat_dataset(const struct doc *record)
{
    const struct doc *entry = doc_get(record, "entry");
    struct doc *dataset = doc_new_object();
    doc_set_text(dataset, "@type", "dcat:Dataset");
    say(dataset, "identifier", record, "code");
    say(dataset, "title", entry, "name");
    say(dataset, "description", entry, "summary");
    say(dataset, "spatial", entry, doc_get(entry, "region") != NULL ? "region" : "coverage");
    say(dataset, "keyword", entry, "keywords");
    say(dataset, "license", entry, "licence");
    say_period(dataset, doc_get(entry, "period"));
    say(dataset, "issued", entry, "published_on");
    const char *access = dcat_word_us(DCAT_ACCESS, doc_get_text(entry, "opening"));
    const char *period = dcat_word_us(DCAT_UPDATE, doc_get_text(entry, "update"));
    dcat_set_text(dataset, "accessLevel", access);
    dcat_set_text(dataset, "accrualPeriodicity", period);
    if (doc_text_is(entry, "opening", "conditional")) {
        say(dataset, "rights", entry, "opening_conditions");
    }
    if (doc_get_text(entry, "manager") != NULL) {
        struct doc *publisher = doc_new_object();
        doc_set_text(publisher, "@type", "org:Organization");
        doc_set_text(publisher, "name", doc_get_text(entry, "manager"));
        doc_set(dataset, "publisher", publisher);
    }
    const char *theme = doc_get_text(entry, "theme");
    theme = theme != NULL ? theme : doc_get_text(entry, "category");
    if (theme != NULL) {
        struct doc *themes = doc_new_array();
        doc_push_text(themes, theme);
        doc_set(dataset, "theme", themes);
    }
    say_source(dataset, entry);
    say_rest(dataset, entry);
    say(dataset, DCAT_PROPERTY_PROVIDER, record, "provider");
    return dataset;
}
