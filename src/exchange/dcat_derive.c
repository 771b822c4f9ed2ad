/* What a dataset says in DCAT's own words, as members of an entry (dcat_draft.c has the table). */
#include "exchange/dcat_parts.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

#define CODE_CHARS_MAX 64
#define CODE_LEGIBLE_MAX 47 /* with '-' and 16 digits of the digest: 64 */
#define STORE_CHARS_MAX 200
#define KEYWORDS_MAX 20
#define KEYWORD_CHARS_MAX 50

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

void dcat_adapt(struct dcat_draft *draft, const char *field, const char *from, const char *to)
{
    struct doc *note = doc_new_object();
    doc_set_text(note, "field", field);
    doc_set_text(note, "from", from);
    if (to != NULL) {
        doc_set_text(note, "to", to);
    }
    doc_push(draft->adapted, note);
}

const char *dcat_text_of(struct dcat_draft *draft, const struct doc *dataset, const char *name)
{
    const struct doc *value = doc_get(dataset, name);
    if (value != NULL && doc_text(value) == NULL && doc_kind(value) != DOC_NULL) {
        faults_note_may(&draft->faults, ERR_FIELD_TYPE, "text");
        faults_add(&draft->faults, ERR_FIELD_TYPE, NULL, "%s", name);
    }
    const char *text = doc_text(value);
    return text == NULL || text[0] == 0 ? NULL : text;
}

void dcat_set_text(struct doc *entry, const char *name, const char *text)
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

/* A text without the blanks around it; the caller frees it. */
static char *trimmed(const char *text)
{
    text += strspn(text, " \t\n");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\n", text[len - 1]) != NULL) {
        len--;
    }
    char *out = memory_copy_text(text);
    out[len] = 0;
    return out;
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != 0; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

/* OPEN 9: each once, and as many and as long as an entry takes; those that are not taken are told
 * of. */
static void derive_keywords(struct dcat_draft *draft, struct doc *entry, const struct doc *list)
{
    struct doc *keywords = doc_new_array();
    AUTO(buf_free) struct buf dropped = {0};
    for (size_t i = 0; doc_kind(list) == DOC_ARRAY && i < doc_count(list); i++) {
        const char *given = doc_text(doc_at(list, i));
        AUTO(memory_release) char *word = trimmed(given == NULL ? "" : given);
        if (word[0] == 0 || doc_has_text(keywords, word)) {
            continue;
        }
        if (doc_count(keywords) < KEYWORDS_MAX && characters(word) <= KEYWORD_CHARS_MAX) {
            doc_push_text(keywords, word);
        } else {
            buf_append_format(&dropped, "%s%s", dropped.len > 0 ? "、" : "", word);
        }
    }
    if (dropped.len > 0) {
        dcat_adapt(draft, "entry.keywords", buf_text(&dropped), NULL);
    }
    if (doc_count(keywords) > 0) {
        doc_set(entry, "keywords", keywords);
    } else {
        doc_free(&keywords);
    }
}

/* "2009-01-01/2009-12-31", or "2009-01-01/.." while it goes on. Other forms are told by the
 * coverage alone. */
static void derive_period(struct doc *entry, const char *temporal)
{
    char from[11] = "";
    int64_t first, last;
    if (temporal == NULL || strlen(temporal) < 11 || temporal[10] != '/') {
        return;
    }
    memcpy(from, temporal, 10);
    const char *to = temporal + 11;
    bool open = strcmp(to, "..") == 0 || to[0] == 0;
    if (civil_parse_date(&first, from) != 0 ||
        (!open && (civil_parse_date(&last, to) != 0 || last < first))) {
        return;
    }
    struct doc *period = doc_new_object();
    doc_set_text(period, "from", from);
    dcat_set_text(period, "to", open ? NULL : to);
    doc_set(entry, "period", period);
}

static void derive_coverage(struct dcat_draft *draft, struct doc *entry, const struct doc *dataset)
{
    AUTO(buf_free) struct buf coverage = {0};
    const char *spatial = dcat_text_of(draft, dataset, "spatial");
    const char *temporal = dcat_text_of(draft, dataset, "temporal");
    if (spatial != NULL || temporal != NULL) {
        buf_append_format(&coverage, "%s%s%s", spatial == NULL ? "" : spatial,
                          spatial == NULL || temporal == NULL ? "" : "；",
                          temporal == NULL ? "" : temporal);
        doc_set_text(entry, "coverage", buf_text(&coverage));
    }
    dcat_set_text(entry, "region", spatial);
    derive_period(entry, temporal);
}

/* "2015-02-27", also of "2015-02-27T09:00:00Z". */
static void derive_date(struct dcat_draft *draft, struct doc *entry, const struct doc *dataset)
{
    const char *issued = dcat_text_of(draft, dataset, "issued");
    char date[11] = "";
    int64_t day;
    if (issued == NULL) {
        return;
    }
    memcpy(date, issued, strlen(issued) < 10 ? strlen(issued) : 10);
    bool more = strlen(issued) > 10;
    if ((more && issued[10] != 'T' && issued[10] != ' ') || civil_parse_date(&day, date) != 0) {
        faults_note_may(&draft->faults, ERR_DATE, "date");
        faults_add(&draft->faults, ERR_DATE, NULL, "issued");
        return;
    }
    doc_set_text(entry, "published_on", date);
    if (more) {
        dcat_adapt(draft, "entry.published_on", issued, date);
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
    dcat_set_text(entry, "format", format);
}

static void derive_source(struct dcat_draft *draft, struct doc *entry, const struct doc *dataset)
{
    const char *address = dcat_text_of(draft, dataset, "landingPage");
    const char *landing = address;
    derive_distribution(entry, &address, doc_get(dataset, "distribution"));
    if (landing == NULL && address == NULL) {
        address = dcat_text_of(draft, dataset, "accessURL"); /* OPM's have no distributions */
    }
    if (address == NULL || strlen(address) > STORE_CHARS_MAX) {
        return;
    }
    struct doc *source = doc_new_object();
    doc_set_text(source, "store", address);
    doc_set(entry, "source", source);
}

/* Everything that DCAT's own words say. */
struct doc *dcat_derive(struct dcat_draft *draft, const struct doc *dataset)
{
    struct doc *entry = doc_new_object();
    dcat_set_text(entry, "name", dcat_text_of(draft, dataset, "title"));
    dcat_set_text(entry, "summary", dcat_text_of(draft, dataset, "description"));
    set_joined(entry, "theme", doc_get(dataset, "theme"));
    derive_keywords(draft, entry, doc_get(dataset, "keyword"));
    dcat_set_text(entry, "licence", dcat_text_of(draft, dataset, "license"));
    derive_coverage(draft, entry, dataset);
    dcat_set_text(entry, "manager", doc_get_text(doc_get(dataset, "publisher"), "name"));
    derive_date(draft, entry, dataset);
    derive_source(draft, entry, dataset);
    dcat_set_text(entry, "update",
                  dcat_word_ours(DCAT_UPDATE, dcat_text_of(draft, dataset, "accrualPeriodicity")));
    const char *opening = dcat_word_ours(DCAT_ACCESS, dcat_text_of(draft, dataset, "accessLevel"));
    dcat_set_text(entry, "opening", opening);
    if (opening != NULL && strcmp(opening, "conditional") == 0) {
        dcat_set_text(entry, "opening_conditions", dcat_text_of(draft, dataset, "rights"));
    }
    return entry;
}
