/* A dataset as a draft of an entry, and an entry as a dataset: one table of what both can say, used
 * in both directions, so that what is written and read again is the same document.
 *
 *   entry.name         title                 entry.update        accrualPeriodicity
 *   entry.summary      description           entry.opening       accessLevel
 *   entry.category     theme                 entry.opening_conditions  rights, if conditional
 *   entry.coverage     spatial, temporal     entry.published_on  issued, its date
 *   entry.manager      publisher.name        entry.source.store  landingPage, or a distribution's
 *   entry.format       distribution's type   code                identifier
 *
 * accessLevel says what the public may see: the open attribute (OPEN 14). How agencies share (CN
 * 14) DCAT does not say; no clause derives one from the other, so sharing comes from the defaults.
 */
#include "exchange/dcat.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/records.h"
#include "chain/schema.h"

#include <string.h>

#define CODE_CHARS_MAX 64
#define CODE_LEGIBLE_MAX 47 /* with '-' and 16 digits of the digest: 64 */
#define STORE_CHARS_MAX 200

/* ---- codes ---- */

static bool code_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("._-", c) != NULL);
}

static bool is_code(const char *text)
{
    size_t len = strlen(text);
    bool only_dots = true;
    for (size_t i = 0; i < len; i++) {
        if (!code_character(text[i])) {
            return false;
        }
        only_dots = only_dots && text[i] == '.';
    }
    return len > 0 && len <= CODE_CHARS_MAX && !only_dots;
}

bool dcat_code_of(struct buf *out, const char *identifier)
{
    char hex[2 * HASH_BYTES + 1];
    if (is_code(identifier)) {
        buf_append_text(out, identifier);
        return true;
    }
    struct hash digest = hash_tagged("dirchain/dcat-identifier/1", view_of_text(identifier));
    size_t len = strlen(identifier);
    while (len > 0 && identifier[len - 1] == '/') {
        len--;
    }
    size_t from = len; /* of an address its last part */
    while (from > 0 && identifier[from - 1] != '/') {
        from--;
    }
    AUTO(buf_free) struct buf legible = {0};
    for (size_t i = from; i < len && legible.len < CODE_LEGIBLE_MAX; i++) {
        bool fits = code_character(identifier[i]);
        if (fits || (legible.len > 0 && legible.data[legible.len - 1] != '-')) {
            buf_append_u8(&legible, fits ? (uint8_t)identifier[i] : '-');
        }
    }
    buf_append_view(out, view_of_buf(&legible));
    if (legible.len > 0 && legible.data[legible.len - 1] != '-') {
        buf_append_u8(out, '-');
    }
    hash_to_hex(hex, &digest);
    hex[16] = 0;
    buf_append_text(out, hex);
    return false;
}

/* ---- what a dataset says ---- */

static void adapt(struct dcat_draft *draft, const char *field, const char *from, const char *to)
{
    struct doc *note = doc_new_object();
    doc_set_text(note, "field", field);
    doc_set_text(note, "from", from);
    if (to != NULL) {
        doc_set_text(note, "to", to);
    }
    doc_push(draft->adapted, note);
}

/* A property that must be a text if it is there. */
static const char *text_of(struct dcat_draft *draft, const struct doc *dataset, const char *name)
{
    const struct doc *value = doc_get(dataset, name);
    if (value != NULL && doc_text(value) == NULL && doc_kind(value) != DOC_NULL) {
        faults_add(&draft->faults, ERR_FIELD_TYPE, NULL, "%s", name);
    }
    const char *text = doc_text(value);
    return text == NULL || text[0] == 0 ? NULL : text;
}

static void set_text(struct doc *entry, const char *name, const char *text)
{
    if (text != NULL) {
        doc_set_text(entry, name, text);
    }
}

/* The texts of a list, joined; a single text counts as a list of one. */
static void set_joined(struct doc *entry, const char *name, const struct doc *value)
{
    AUTO(buf_free) struct buf joined = {0};
    if (doc_text(value) != NULL) {
        buf_append_text(&joined, doc_text(value));
    }
    for (size_t i = 0; doc_kind(value) == DOC_ARRAY && i < doc_count(value); i++) {
        const char *text = doc_text(doc_at(value, i));
        if (text != NULL && text[0] != 0) {
            buf_append_text(&joined, joined.len > 0 ? "、" : "");
            buf_append_text(&joined, text);
        }
    }
    if (joined.len > 0) {
        doc_set_text(entry, name, buf_text(&joined));
    }
}

static void derive_coverage(struct dcat_draft *draft, struct doc *entry, const struct doc *dataset)
{
    AUTO(buf_free) struct buf coverage = {0};
    const char *spatial = text_of(draft, dataset, "spatial");
    const char *temporal = text_of(draft, dataset, "temporal");
    if (spatial != NULL || temporal != NULL) {
        buf_append_format(&coverage, "%s%s%s", spatial == NULL ? "" : spatial,
                          spatial == NULL || temporal == NULL ? "" : "；",
                          temporal == NULL ? "" : temporal);
        doc_set_text(entry, "coverage", buf_text(&coverage));
    }
}

/* "2015-02-27", also of "2015-02-27T09:00:00Z". */
static void derive_date(struct dcat_draft *draft, struct doc *entry, const struct doc *dataset)
{
    const char *issued = text_of(draft, dataset, "issued");
    char date[11] = "";
    int64_t day;
    if (issued == NULL) {
        return;
    }
    memcpy(date, issued, strlen(issued) < 10 ? strlen(issued) : 10);
    bool more = strlen(issued) > 10;
    if ((more && issued[10] != 'T' && issued[10] != ' ') || civil_parse_date(&day, date) != 0) {
        faults_add(&draft->faults, ERR_DATE, NULL, "issued");
        return;
    }
    doc_set_text(entry, "published_on", date);
    if (more) {
        adapt(draft, "entry.published_on", issued, date);
    }
}

/* The first distribution whose type names a format, and the first with an address. */
static void derive_distribution(struct doc *entry, const char **address, const struct doc *list)
{
    const char *format = NULL;
    for (size_t i = 0; doc_kind(list) == DOC_ARRAY && i < doc_count(list); i++) {
        const struct doc *one = doc_at(list, i);
        const char *url = doc_get_text(one, "downloadURL");
        url = url == NULL ? doc_get_text(one, "accessURL") : url;
        *address = *address == NULL ? url : *address;
        format = format != NULL ? format : dcat_format_of(doc_get_text(one, "mediaType"));
        format = format != NULL ? format : dcat_format_of(doc_get_text(one, "format"));
    }
    set_text(entry, "format", format);
}

static void derive_source(struct dcat_draft *draft, struct doc *entry, const struct doc *dataset)
{
    const char *address = text_of(draft, dataset, "landingPage");
    const char *landing = address;
    derive_distribution(entry, &address, doc_get(dataset, "distribution"));
    if (landing == NULL && address == NULL) {
        address = text_of(draft, dataset, "accessURL"); /* OPM's have no distributions */
    }
    if (address == NULL || strlen(address) > STORE_CHARS_MAX) {
        return;
    }
    struct doc *source = doc_new_object();
    doc_set_text(source, "store", address);
    doc_set(entry, "source", source);
}

/* Everything that DCAT's own words say. */
static struct doc *derive(struct dcat_draft *draft, const struct doc *dataset)
{
    struct doc *entry = doc_new_object();
    set_text(entry, "name", text_of(draft, dataset, "title"));
    set_text(entry, "summary", text_of(draft, dataset, "description"));
    set_joined(entry, "category", doc_get(dataset, "theme"));
    derive_coverage(draft, entry, dataset);
    set_text(entry, "manager", doc_get_text(doc_get(dataset, "publisher"), "name"));
    derive_date(draft, entry, dataset);
    derive_source(draft, entry, dataset);
    set_text(entry, "update",
             dcat_word_ours(DCAT_UPDATE, text_of(draft, dataset, "accrualPeriodicity")));
    const char *opening = dcat_word_ours(DCAT_ACCESS, text_of(draft, dataset, "accessLevel"));
    set_text(entry, "opening", opening);
    if (opening != NULL && strcmp(opening, "conditional") == 0) {
        set_text(entry, "opening_conditions", text_of(draft, dataset, "rights"));
    }
    return entry;
}

/* ---- notes ---- */

/* Properties that have no place in an entry: told by name, never silently. */
static void note_left_out(struct dcat_draft *draft, const struct doc *dataset)
{
    static const char *const used[] = {
        "@type",     "identifier",         "title",     "description", "theme",
        "spatial",   "temporal",           "publisher", "issued",      "accessLevel",
        "accessURL", "accrualPeriodicity", "rights",    "landingPage", "distribution"};
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
    for (size_t i = 0; i < doc_count(others); i++) {
        doc_push(draft->left_out, doc_ref(doc_at(others, i)));
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
        faults_add(&draft->faults, ERR_FIELD_CHOICE, NULL, "%s", property);
    } else {
        buf_append_format(&path, "entry.%s", field);
        adapt(draft, buf_text(&path), theirs, filled);
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
    while (doc_kind(value) == DOC_OBJECT && doc_next(value, &cursor, &name, &member)) {
        AUTO(buf_free) struct buf place = {0};
        buf_append_format(&place, "%s.%s", path, name);
        check_damaged(faults, member, buf_text(&place));
    }
}

static void check_absent(struct faults *faults, const struct doc *entry, const char *name,
                         const char *clause)
{
    if (doc_get(entry, name) == NULL) {
        faults_add(faults, ERR_FIELD_MISSING, clause, "entry.%s", name);
    }
}

/* What the ledger would refuse of this entry alone (chain/rules/catalog_check.c has the whole). */
static void check_entry(struct faults *faults, const struct doc *entry)
{
    const char *sharing = doc_get_text(entry, "sharing");
    if (sharing != NULL && strcmp(sharing, "unconditional") != 0) {
        check_absent(faults, entry, "sharing_reason", "CN 14");
        check_absent(faults, entry, "sharing_basis", "CN 14");
    }
    if (doc_text_is(entry, "opening", "conditional")) {
        check_absent(faults, entry, "opening_conditions", "OPEN 15");
    }
    if (doc_get(entry, "designation") == NULL) {
        check_absent(faults, entry, "duty", "CESI 5.3.1");
    }
    if (rule_text_has_credentials(doc_get_text(doc_get(entry, "source"), "store"))) {
        faults_add(faults, ERR_CREDENTIALS, "C7", "entry.source.store");
    }
}

/* ---- drafts ---- */

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
    const char *identifier = text_of(draft, dataset, "identifier");
    if (identifier == NULL) {
        faults_add(&draft->faults, ERR_FIELD_MISSING, NULL, "identifier");
        return;
    }
    if (!dcat_code_of(&code, identifier)) {
        adapt(draft, "code", identifier, buf_text(&code));
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
    struct doc *entry = derive(out, dataset);
    if (extension != NULL && !ours) {
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
    (void)schema_check(schema_find("catalog.submit"), out->body, &out->faults);
    check_entry(&out->faults, doc_get(out->body, "entry"));
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

/* The entry's members that DCAT's words do not give back as they are, and those they would add. */
static void say_rest(struct doc *dataset, const struct doc *entry)
{
    AUTO(dcat_draft_free)
    struct dcat_draft read = {.adapted = doc_new_array()};
    AUTO(doc_free) struct doc *derived = derive(&read, dataset);
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
    say(dataset, "spatial", entry, "coverage");
    say(dataset, "issued", entry, "published_on");
    const char *access = dcat_word_us(DCAT_ACCESS, doc_get_text(entry, "opening"));
    const char *period = dcat_word_us(DCAT_UPDATE, doc_get_text(entry, "update"));
    set_text(dataset, "accessLevel", access);
    set_text(dataset, "accrualPeriodicity", period);
    if (doc_text_is(entry, "opening", "conditional")) {
        say(dataset, "rights", entry, "opening_conditions");
    }
    if (doc_get_text(entry, "manager") != NULL) {
        struct doc *publisher = doc_new_object();
        doc_set_text(publisher, "@type", "org:Organization");
        doc_set_text(publisher, "name", doc_get_text(entry, "manager"));
        doc_set(dataset, "publisher", publisher);
    }
    if (doc_get_text(entry, "category") != NULL) {
        struct doc *theme = doc_new_array();
        doc_push_text(theme, doc_get_text(entry, "category"));
        doc_set(dataset, "theme", theme);
    }
    say_source(dataset, entry);
    say_rest(dataset, entry);
    say(dataset, DCAT_PROPERTY_PROVIDER, record, "provider");
    return dataset;
}
